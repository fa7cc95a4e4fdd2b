"""Breakers: what stops automatic orders when the market, the platform or a person says so."""
