"""Corporate actions: dividends, splits, and what needs a person."""
