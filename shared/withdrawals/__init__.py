"""Withdrawals: a person takes money out, to an account of theirs."""
