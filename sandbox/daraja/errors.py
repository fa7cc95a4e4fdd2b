"""Safaricom's error envelope."""

import secrets

from starlette.responses import JSONResponse

SYSTEM_ERROR = "500.001.1001"


def request_id() -> str:
    """An opaque id in one of the two forms that Safaricom uses."""
    return f"{secrets.randbelow(90_000) + 10_000}-{secrets.randbelow(90_000_000) + 10_000_000}-1"


class DarajaError(Exception):
    """A refusal: HTTP status, Safaricom's code, and a message that names the field."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> JSONResponse:
        """The envelope as an HTTP answer."""
        return JSONResponse(
            {"requestId": request_id(), "errorCode": self.code, "errorMessage": self.message},
            status_code=self.status,
        )


def bad_field(field: str) -> DarajaError:
    """The answer to a field that breaks a rule."""
    return DarajaError(400, "400.002.02", f"Bad Request - Invalid {field}")


def fault_response(status: int) -> JSONResponse:
    """What an injected failure looks like."""
    if status == 429:
        return DarajaError(429, "500.003.02", "Spike Arrest violation").response()
    return DarajaError(
        status, f"{status}.001.1001", "The service is currently unavailable"
    ).response()
