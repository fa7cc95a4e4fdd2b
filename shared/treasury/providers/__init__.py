"""Adapters of the treasury."""
