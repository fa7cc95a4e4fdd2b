"""Adyen's error bodies."""

from typing import Any

from starlette.responses import JSONResponse


class AdyenError(Exception):
    """An answer other than 2xx."""

    def __init__(
        self, status: int, code: str, message: str, *, kind: str = "validation", psp: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "status": status,
            "errorCode": code,
            "message": message,
            "errorType": kind,
        }
        if psp:
            self.body["pspReference"] = psp

    def response(self) -> JSONResponse:
        """The body as an HTTP answer."""
        return JSONResponse(self.body, status_code=self.status)


def fault_response(status: int) -> JSONResponse:
    """What an injected failure looks like."""
    message = "Too many requests" if status == 429 else "Internal error"
    return AdyenError(
        status, "905" if status >= 500 else "000", message, kind="internal"
    ).response()
