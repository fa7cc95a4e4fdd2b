"""Safaricom's Daraja: access token, passwords and credentials, one authorised request."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import httpx

from shared.kernel.clock import Clock
from shared.payments.errors import GatewayUnavailable
from shared.platform.observability import metric

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

NAIROBI = timezone(timedelta(hours=3))
MARGIN = timedelta(minutes=5)
ORGANISATION = "4"
"""IdentifierType of a shortcode."""

TOKEN_REFUSED = frozenset({"400.003.01", "401.002.01", "404.001.03"})
RATE_LIMITED = frozenset({"500.003.02", "500.003.03"})
NO_ANSWER = "500.001.1001"
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class DarajaClient:
    """One per process. ``credentials`` gives consumer_key, consumer_secret and shortcode, passkey
    for pushes, and initiator, initiator_password and certificate (PEM) for everything that an
    operator is needed for; it is called per use, so that a rotation is seen."""

    def __init__(
        self, http: httpx.Client, credentials: Callable[[], Mapping[str, Any]], clock: Clock
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._clock = clock
        self._token = ""
        self._token_good_until = datetime.min.replace(tzinfo=UTC)

    @property
    def shortcode(self) -> str:
        """The paybill that people pay to."""
        return str(self._credentials()["shortcode"])

    @property
    def payout_shortcode(self) -> str:
        """The shortcode that pays out: often one of its own."""
        secret = self._credentials()
        return str(secret.get("payout_shortcode") or secret["shortcode"])

    def post(self, path: str, content: Mapping[str, object]) -> httpx.Response:
        """One authorised request. A refused token is renewed once: refused before anything.

        Raises GatewayUnavailable when no token is given, in which case nothing was sent, and
        httpx.HTTPError.
        """
        answer = self._send(path, content)
        if body_of(answer).get("errorCode") in TOKEN_REFUSED:
            self._token = ""
            answer = self._send(path, content)
        return answer

    def _send(self, path: str, content: Mapping[str, object]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._access_token()}"}
        return self._http.post(path, json=dict(content), headers=headers)

    def password(self) -> dict[str, str]:
        """The members that sign a push and its query."""
        secret = self._credentials()
        timestamp = nairobi_timestamp(self._clock.now())
        text = f"{secret['shortcode']}{secret['passkey']}{timestamp}"
        return {
            "BusinessShortCode": secret["shortcode"],
            "Password": base64.b64encode(text.encode()).decode(),
            "Timestamp": timestamp,
        }

    def operator(self, name: str = "Initiator") -> dict[str, str]:
        """The members that name and prove the operator. GatewayUnavailable when the secret holds
        no usable ones: nothing was sent then."""
        secret = self._credentials()
        initiator, password = secret.get("initiator"), secret.get("initiator_password")
        if not (initiator and password):
            metric("GatewayNotConfigured", gateway="MPESA")
            raise GatewayUnavailable()
        try:
            sealed = security_credential(str(password), str(secret.get("certificate", "")))
        except ValueError:
            metric("GatewayNotConfigured", gateway="MPESA")
            raise GatewayUnavailable() from None
        return {name: str(initiator), "SecurityCredential": sealed}

    def _access_token(self) -> str:
        if self._token and self._clock.now() < self._token_good_until:
            return self._token
        secret = self._credentials()
        try:
            answer = self._http.get(
                "/oauth/v1/generate",
                params={"grant_type": "client_credentials"},
                auth=(secret["consumer_key"], secret["consumer_secret"]),
            )
        except httpx.HTTPError:
            raise GatewayUnavailable() from None
        body = body_of(answer)
        token = body.get("access_token")
        if answer.status_code != 200 or not isinstance(token, str) or not token:
            metric("GatewayRefusedToken", gateway="MPESA", status=str(answer.status_code))
            raise GatewayUnavailable()
        self._token = token
        self._token_good_until = self._clock.now() + _lifetime(body.get("expires_in")) - MARGIN
        return token


def security_credential(password: str, certificate: str) -> str:
    """Base64 of the password alone, encrypted by RSA with PKCS#1 v1.5 padding for the public key
    of Safaricom's certificate (PEM); ValueError when that is none."""
    from cryptography.hazmat.primitives.asymmetric import padding

    sealed = _public_key(certificate).encrypt(password.encode(), padding.PKCS1v15())
    return base64.b64encode(sealed).decode()


@lru_cache(maxsize=2)
def _public_key(certificate: str) -> "RSAPublicKey":
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the certificate holds no RSA key")
    return key


def nairobi_timestamp(at: datetime) -> str:
    """``yyyyMMddHHmmss`` in East Africa Time, which has no summer time."""
    return at.astimezone(NAIROBI).strftime("%Y%m%d%H%M%S")


def _lifetime(expires_in: object) -> timedelta:
    """Seconds, as text or as a number: both are seen."""
    text = str(expires_in)
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else timedelta(0)


def body_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def accepted(answer: httpx.Response, body: Mapping[str, Any]) -> bool:
    """Taken: HTTP 200 and ResponseCode 0, never the one alone."""
    return answer.status_code == 200 and str(body.get("ResponseCode")) == "0"


def rate_limited(answer: httpx.Response, body: Mapping[str, Any]) -> bool:
    """Turned away before anything happened."""
    return answer.status_code == 429 or body.get("errorCode") in RATE_LIMITED
