"""People's accounts at the brokers against our books, every day."""
