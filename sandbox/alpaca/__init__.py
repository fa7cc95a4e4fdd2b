"""The Alpaca Broker API and its market data, replayed."""

from sandbox.alpaca.wiring import CARD, routes

__all__ = ["CARD", "routes"]
