"""Adapters of disputes, by gateway."""
