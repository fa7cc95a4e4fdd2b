"""Adapters of market data sources."""
