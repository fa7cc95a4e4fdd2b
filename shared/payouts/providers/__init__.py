"""Payouts, by gateway."""
