"""market_data: see docs/architecture.md for what this context owns."""
