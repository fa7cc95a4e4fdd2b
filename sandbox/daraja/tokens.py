"""OAuth access tokens."""

import base64
import binascii
import hmac
import secrets
import string

from starlette.requests import Request

from sandbox.context import Sandbox
from sandbox.daraja.errors import DarajaError

TOKEN_LENGTH = 28
ALPHABET = string.ascii_letters + string.digits


class Tokens:
    """Tokens by the wall-clock second at which they end."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._ends: dict[str, int] = {}

    def clear(self) -> None:
        """Makes every token invalid."""
        self._ends.clear()

    def issue(self, request: Request) -> dict[str, str]:
        """A new token for the consumer key and secret of Basic authentication.

        Raises:
            DarajaError: 400, wrong credentials or grant type.
        """
        if request.query_params.get("grant_type") != "client_credentials":
            raise DarajaError(400, "400.008.02", "Invalid grant type passed")
        config = self._sandbox.config
        expected = f"{config.daraja_consumer_key}:{config.daraja_consumer_secret}".encode()
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        try:
            credentials = base64.b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            credentials = b""
        if scheme.lower() != "basic" or not hmac.compare_digest(credentials, expected):
            raise DarajaError(400, "400.008.01", "Invalid Authentication passed")
        token = "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))
        life = config.daraja_token_seconds
        self._ends[token] = self._now() + life
        return {"access_token": token, "expires_in": str(life)}

    def check(self, request: Request) -> None:
        """Lets a request with a valid token pass.

        Raises:
            DarajaError: 404 with code 404.001.03, the token is missing, unknown or over.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        revoked = self._sandbox.faults.take("daraja", "token", "revoked") is not None
        if revoked:
            self._ends.pop(token, None)
        if scheme.lower() != "bearer" or self._ends.get(token, 0) <= self._now():
            raise DarajaError(404, "404.001.03", "Invalid Access Token")

    def _now(self) -> int:
        return int(self._sandbox.now().timestamp())
