"""Portfolio: positions with their tax lots, valuation, and the state behind the screen."""
