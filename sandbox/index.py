"""The page at `/`: what is here, how to reach it, which values do something special."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.config import SandboxConfig

STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}code{background:#eee}"
)


@dataclass(frozen=True, slots=True)
class VendorCard:
    """What the index page says of a vendor."""

    title: str
    base_paths: tuple[str, ...]
    # Label and value of what a client needs to sign in.
    credentials: Callable[[SandboxConfig], Sequence[tuple[str, str]]]
    # A magic value and what it causes.
    magic: tuple[tuple[str, str], ...]


def routes(cards: Sequence[VendorCard], config: Callable[[], SandboxConfig]) -> list[BaseRoute]:
    """The index page."""

    async def index(_: Request) -> Response:
        sections = "".join(_section(card, config()) for card in cards)
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Vendor sandbox</title>'
            f"<style>{STYLE}</style><h1>Vendor sandbox</h1>"
            "<p>Knobs: <code>/_control/faults</code> <code>/_control/deliveries</code> "
            "<code>/_control/config</code> <code>/_control/clock</code> "
            f"<code>/_control/reset</code></p>{sections}</html>"
        )

    return [Route("/", index, methods=["GET"])]


def _section(card: VendorCard, config: SandboxConfig) -> str:
    base = f"http://{config.host}:{config.port}"
    paths = " ".join(f"<code>{escape(base + path)}</code>" for path in card.base_paths)
    return (
        f"<h2>{escape(card.title)}</h2><p>{paths}</p>"
        f"<table>{_rows(card.credentials(config))}</table><table>{_rows(card.magic)}</table>"
    )


def _rows(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f"<tr><td><code>{escape(key)}</code></td><td>{escape(value)}</td></tr>"
        for key, value in pairs
    )
