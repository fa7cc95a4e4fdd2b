"""Adapters of round-ups."""
