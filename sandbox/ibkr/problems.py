"""Refusals, in the two ways in which the gateway tells them."""

from starlette.responses import JSONResponse, Response


class Problem(Exception):
    """A request that is refused; nothing was changed. The status may well be 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> Response:
        """The wire form."""
        body: dict[str, object] = {"error": str(self)}
        if self.status != 200:
            body["statusCode"] = self.status
        return JSONResponse(body, status_code=self.status)


def unauthorized() -> Problem:
    """No login at the gateway, or no brokerage session."""
    return Problem(401, "not authenticated")


def malformed(message: str) -> Problem:
    """The request cannot be read."""
    return Problem(400, f"Bad Request: {message}")


def accounts_first(path: str) -> Problem:
    """A call that needs another one before it."""
    return Problem(400, f"Please query {path} first")


def said(message: str) -> Problem:
    """What the order desk refuses, it refuses with success as its status."""
    return Problem(200, message)


def fault_response(status: int) -> Response:
    """The body of an ordered fault."""
    words = "Too many requests" if status == 429 else "Service Unavailable"
    return Problem(status, words).response()
