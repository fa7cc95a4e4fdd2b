"""Outbound HTTP with explicit timeouts, for vendors without an SDK."""

import httpx

CONNECT_SECONDS = 2
READ_SECONDS = 5


def http_client(base_url: str) -> httpx.Client:
    """A client of one vendor. No retries: what may be repeated is the caller's decision."""
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(base_url=base_url, timeout=timeout, follow_redirects=False)
