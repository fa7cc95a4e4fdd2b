"""portfolio: see docs/architecture.md for what this context owns."""
