"""Refunds: a deposit, or a part of it, goes back to where it came from."""
