"""Relay connections: pages with opaque cursors over a person's feed, and over short lists."""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from graphql_api.application import Application
from graphql_api.context import FEED_PAGE
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import Cursor
from shared.investing.plan import Plan
from shared.kernel.edge_errors import BadUserInput
from shared.platform.tables import Item
from shared.portfolio.model import FeedPage

PAGE_CAP = 50
PAGES_READ_MAX = 4
"""A request for older entries reads at most so many pages of the feed, then hands out what it
found with a cursor to go on from."""

_FEED_KEY = re.compile(r"FEED#[0-9A-HJKMNP-TV-Z]{26}#[a-z]{3}", re.ASCII)


@object_type(description="Where a page lies in its list.")
class PageInfo:
    """See the description."""

    has_next_page: bool = field(
        INHERITED, "Whether there may be more; a page can be short, even empty, and yet not last."
    )
    end_cursor: Cursor | None = field(INHERITED, "Send it as `after` to continue.")


@object_type(description="An entry with its place in the list.")
class Edge[T]:
    """See the description."""

    cursor: Cursor = field(INHERITED, "Its place, as a value for `after`.")
    node: T = field(INHERITED, "The entry.")


@object_type(description="A page of a list, newest first where entries have a time.")
class Connection[T]:
    """See the description."""

    edges: list[Edge[T]] = field(INHERITED, "Entries with their cursors.")
    nodes: list[T] = field(INHERITED, "The entries alone.")
    page_info: PageInfo = field(INHERITED, "How to continue.")


@dataclass(frozen=True, slots=True)
class Slice[T]:
    """Entries with their sort keys; ``after`` is where to continue, None at the end."""

    entries: tuple[tuple[str, T], ...]
    after: str | None


class Reader(Protocol):
    """Whose lists are read: the person who asks, or one whom a member of staff looks at."""

    app: Application
    plans: dict[str, Plan | None]

    @property
    def user_id(self) -> str:
        """Whose they are."""

    def feed(self) -> FeedPage[Item]:
        """The newest page of the feed: one read per request."""

    def count_read(self) -> None:
        """Before each read that other fields of the request do not share."""


def page_size(first: int) -> int:
    """How many entries to give; BadUserInput outside of 1 to 50."""
    if not 1 <= first <= PAGE_CAP:
        raise BadUserInput(reason=f"'first' must be 1 to {PAGE_CAP}.")
    return first


def to_cursor(key: str) -> Cursor:
    """A sort key, opaque to clients."""
    return Cursor(base64.urlsafe_b64encode(key.encode()).decode().rstrip("="))


def from_cursor(cursor: str, form: re.Pattern[str]) -> str:
    """The sort key in a cursor; BadUserInput when it is none of ours."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = raw.decode("ascii")
    except ValueError:
        key = ""
    if not form.fullmatch(key):
        raise BadUserInput(reason="'after' must be a cursor of an earlier page.")
    return key


def feed_slice[T](
    reader: Reader, read: Callable[[Item], T | None], first: int, after: str | None
) -> Slice[T]:
    """Entries of the person's feed that ``read`` understands.

    Without ``after`` it looks at the newest page only, which the whole request shares.
    """
    size = page_size(first)
    found: list[tuple[str, T]] = []
    page = reader.feed() if after is None else _older(reader, from_cursor(after, _FEED_KEY))
    for _ in range(1 if after is None else PAGES_READ_MAX):
        for item in page.items:
            entry = read(item)
            if entry is None:
                continue
            if len(found) == size:
                return Slice(tuple(found), found[-1][0])
            found.append((item.sk, entry))
        if page.after is None:
            return Slice(tuple(found), None)
        last = page.after
        if len(found) == size or after is None:
            return Slice(tuple(found), last)
        page = _older(reader, last)
    return Slice(tuple(found), last)


def _older(reader: Reader, after: str) -> FeedPage[Item]:
    reader.count_read()
    return reader.app.states.feed(reader.user_id, FEED_PAGE, after)


def connection_of[T](entries: Sequence[tuple[str, T]], after: str | None) -> Connection[T]:
    """A page for clients."""
    edges = [Edge(cursor=to_cursor(key), node=node) for key, node in entries]
    last = None if not edges else edges[-1].cursor
    return Connection(
        edges=edges,
        nodes=[node for _, node in entries],
        page_info=PageInfo(
            has_next_page=after is not None,
            end_cursor=last if after is None else to_cursor(after),
        ),
    )
