"""Payouts: money that leaves, as withdrawals, refunds and surplus payments sent back."""
