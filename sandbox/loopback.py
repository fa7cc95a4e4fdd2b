"""The rule that the sandbox talks to this machine only."""

from ipaddress import ip_address
from urllib.parse import urlsplit


class NotLoopback(ValueError):
    """The host or URL does not lie on this machine."""


def is_loopback_host(host: str) -> bool:
    """True for `localhost` and for addresses of the loopback networks; names are not resolved,
    because a name may point elsewhere by the time it is used."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(url: str) -> str:
    """The URL itself, if it is absolute http(s) on this machine.

    Raises:
        NotLoopback: otherwise.
    """
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise NotLoopback(f"not a URL: {url!r}")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - urlsplit checks the port only when it is read
    except ValueError as error:
        raise NotLoopback(f"not a URL: {url!r}") from error
    if parts.scheme not in {"http", "https"} or not is_loopback_host(host):
        raise NotLoopback(f"not an http URL on this machine: {url!r}")
    return url
