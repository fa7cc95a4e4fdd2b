"""Disputes: a payer's bank takes money back."""
