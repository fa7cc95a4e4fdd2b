"""Market data: assets, quotes with their age, the market's clock, exchange rates, breakers."""
