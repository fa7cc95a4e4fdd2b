"""Stripe's error envelope."""

from typing import Any

from starlette.responses import JSONResponse

MESSAGES = {
    429: "Request rate limit exceeded. Learn more about rate limits in the Stripe documentation.",
}


class StripeError(Exception):
    """An answer other than 200; `type` is `invalid_request_error` unless said otherwise."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"message": message, "type": error_type}
        if code is not None:
            self.error["code"] = code
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param is not None:
            self.error["param"] = param

    def response(self) -> JSONResponse:
        """The envelope as an HTTP answer."""
        return JSONResponse({"error": self.error}, status_code=self.status)


def no_such(kind: str, object_id: str) -> StripeError:
    """The answer for an id that is not known."""
    return StripeError(
        404, f"No such {kind}: '{object_id}'", code="resource_missing", param=kind.split(".")[-1]
    )


def fault_response(status: int) -> JSONResponse:
    """What an injected failure looks like."""
    if status == 429:
        return StripeError(429, MESSAGES[429], code="rate_limit").response()
    return StripeError(status, "An unknown error occurred", error_type="api_error").response()
