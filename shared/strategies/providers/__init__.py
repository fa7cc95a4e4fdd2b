"""Adapters of strategies and goals."""
