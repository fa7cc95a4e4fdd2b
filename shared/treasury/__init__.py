"""Treasury: the firm's own money, its limits, and the balances of the house accounts."""
