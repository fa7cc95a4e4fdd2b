"""Reconciliation: our books against what gateways, the bank and the broker list."""
