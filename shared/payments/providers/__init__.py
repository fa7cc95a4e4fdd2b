"""Adapters of the payment gateways and of the broker's cash journals."""
