"""Interactive Brokers' Client Portal Web API behind a gateway, replayed."""

from sandbox.ibkr.wiring import CARD, routes

__all__ = ["CARD", "routes"]
