"""Onfido's error envelope."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

FAULTS = {
    401: ("authorization_error", "The token is invalid."),
    403: ("authorization_error", "You do not have access to this resource."),
    410: ("gone", "The requested resource has been deleted."),
    429: ("rate_limit", "The rate limit of this account has been reached."),
}


class OnfidoError(Exception):
    """A refusal: HTTP status, type, message, and what is wrong with which field."""

    def __init__(
        self, status: int, error_type: str, message: str, fields: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": error_type, "message": message}
        if fields is not None:
            self.error["fields"] = dict(fields)

    def response(self) -> JSONResponse:
        """The envelope as an HTTP answer."""
        return JSONResponse({"error": self.error}, status_code=self.status)


def invalid(**fields: Any) -> OnfidoError:
    """The answer to fields that break a rule: `invalid(last_name=["can't be blank"])`."""
    return OnfidoError(
        422, "validation_error", "There was a validation error on this request", fields
    )


def not_found() -> OnfidoError:
    """The answer for an id that is not known."""
    return OnfidoError(404, "resource_not_found", "Could not find the requested resource")


def fault_response(status: int) -> JSONResponse:
    """What an injected failure looks like."""
    error_type, message = FAULTS.get(status, ("internal_server_error", "Something went wrong."))
    return OnfidoError(status, error_type, message).response()
