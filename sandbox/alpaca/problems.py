"""Refusals of the broker API, with the codes that its clients know."""

from starlette.responses import JSONResponse, Response


class Problem(Exception):
    """A request that is refused; nothing was changed."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def response(self) -> Response:
        """The wire form."""
        return JSONResponse({"code": self.code, "message": str(self)}, status_code=self.status)


def unauthorized() -> Problem:
    """Wrong keys, or an account that is not ours: the broker does not tell the two apart."""
    return Problem(401, 40110000, "request is not authorized")


def malformed(message: str) -> Problem:
    """The body or a parameter cannot be read."""
    return Problem(400, 40010000, message)


def invalid(message: str) -> Problem:
    """The request can be read and makes no sense."""
    return Problem(422, 42210000, message)


def duplicate_order() -> Problem:
    """The account has used the client_order_id before."""
    return Problem(422, 40010001, "client_order_id must be unique")


def forbidden(message: str) -> Problem:
    """The account may not do that: too little money or shares, or not active."""
    return Problem(403, 40310000, message)


def not_found(what: str) -> Problem:
    """There is no such thing."""
    return Problem(404, 40410000, f"{what} not found")


def conflict(message: str) -> Problem:
    """It exists already."""
    return Problem(409, 40910000, message)


FAULT_CODES = {401: 40110000, 403: 40310000, 429: 42910000, 500: 50010000, 504: 50410000}
FAULT_MESSAGES = {429: "too many requests.", 500: "internal server error", 504: "request timed out"}


def fault_response(status: int) -> Response:
    """The body of an ordered fault."""
    code = FAULT_CODES.get(status, status * 100_000)
    response = JSONResponse(
        {"code": code, "message": FAULT_MESSAGES.get(status, "error")}, status_code=status
    )
    if status == 429:
        response.headers["X-RateLimit-Remaining"] = "0"
    return response
