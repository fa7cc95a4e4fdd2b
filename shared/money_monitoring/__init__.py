"""Monitoring of money movements: patterns that guidance on money laundering names."""
