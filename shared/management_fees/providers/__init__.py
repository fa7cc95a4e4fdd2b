"""Adapters of management fees."""
