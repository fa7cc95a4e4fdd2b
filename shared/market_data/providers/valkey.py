"""The cache in Valkey (or Redis), with a budget of milliseconds and no second attempt."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from shared.kernel.clock import Clock
from shared.market_data.cache import CachedReads, CacheUnavailable
from shared.platform.config import PriceCache
from shared.platform.observability import metric
from shared.platform.tables import Database

if TYPE_CHECKING:
    from redis import Redis

CONNECT_WITHIN = timedelta(milliseconds=250)
ANSWER_WITHIN = timedelta(milliseconds=50)
"""Reading the table instead takes about as long."""
PREFIX = "{market}:1:"
"""In braces: all names lie in one slot, so that one command may ask for many of them. The number
is the format's: functions of two versions share a cache while one replaces the other."""
TOKEN_LASTS = timedelta(minutes=15)


class ValkeyCache:
    """See Cache. The client is imported and connected with the first call."""

    def __init__(
        self,
        url: str,
        token: Callable[[], tuple[str, str]] | None = None,
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        self._url = url
        self._token = token
        self._answer_within = answer_within
        self._client: Redis | None = None

    def get(self, names: Sequence[str]) -> Mapping[str, str]:
        """See Cache."""
        found = self._try(lambda client: client.mget([PREFIX + name for name in names]))
        return {
            name: value for name, value in zip(names, found, strict=True) if isinstance(value, str)
        }

    def put(self, values: Mapping[str, str], kept: timedelta) -> None:
        """See Cache."""

        def write(client: "Redis") -> None:
            pipeline = client.pipeline(transaction=False)
            for name, value in values.items():
                pipeline.set(PREFIX + name, value, px=kept)
            pipeline.execute()

        self._try(write)

    def claim(self, name: str, kept: timedelta) -> bool:
        """See Cache."""
        return bool(self._try(lambda client: client.set(PREFIX + name, "1", nx=True, px=kept)))

    def _try(self, call: Callable[["Redis"], Any]) -> Any:
        import redis

        try:
            return call(self._connected())
        except (redis.RedisError, OSError, ValueError) as error:
            raise CacheUnavailable(type(error).__name__) from error

    def _connected(self) -> "Redis":
        if self._client is None:
            from redis import CredentialProvider, Redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry

            token = self._token

            class Tokens(CredentialProvider):
                """A new one for each connection: they last for minutes."""

                def get_credentials(self) -> tuple[str, str]:
                    """User and token."""
                    return ("", "") if token is None else token()

            self._client = Redis.from_url(
                self._url,
                decode_responses=True,
                socket_connect_timeout=CONNECT_WITHIN.total_seconds(),
                socket_timeout=self._answer_within.total_seconds(),
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                **({} if token is None else {"credential_provider": Tokens()}),
            )
        return self._client


def iam_token(session: Any, region: str, cache: str, user: str) -> tuple[str, str]:
    """User and password for ElastiCache: a request to connect, signed with the function's role."""
    from botocore.model import ServiceId
    from botocore.signers import RequestSigner

    signer = RequestSigner(
        ServiceId("elasticache"),
        region,
        "elasticache",
        "v4",
        session.get_credentials(),
        session.get_component("event_emitter"),
    )
    asked = urlencode({"Action": "connect", "User": user, "ResourceType": "ServerlessCache"})
    request = {
        "method": "GET",
        "url": f"https://{cache}/?{asked}",
        "body": {},
        "headers": {},
        "context": {},
    }
    signed = signer.generate_presigned_url(
        request,
        operation_name="connect",
        expires_in=int(TOKEN_LASTS.total_seconds()),
        region_name=region,
    )
    return user, signed.removeprefix("https://")


def cache_at(url: str, name: str = "") -> ValkeyCache:
    """The cache at ``rediss://<user>@<host>:<port>``; with a cache's name the user's password is
    a token of IAM, otherwise what the URL says."""
    if not name:
        return ValkeyCache(url)
    import botocore.session

    session = botocore.session.get_session()
    parts = urlsplit(url)
    user, region = parts.username or "", str(session.get_config_variable("region"))
    plain = f"{parts.scheme}://{parts.hostname}:{parts.port}"
    return ValkeyCache(plain, lambda: iam_token(session, region, name, user))


def with_cache(database: Database, clock: Clock, settings: PriceCache) -> Database:
    """The database with the stage's price cache in front of it, if there is one."""
    if not settings.price_cache_url:
        return database
    return CachedReads(
        database,
        cache_at(settings.price_cache_url, settings.price_cache_name),
        clock,
        lambda span: time.sleep(span.total_seconds()),
        lambda error: metric("PriceCacheFailed", error=str(error)),
    )
