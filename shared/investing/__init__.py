"""Investing: model portfolios, planning with stored reasons, orders, the broker, fills."""
