"""Disputes: a payer's bank takes money back, and what we do until it is decided."""
