"""What withdrawals read of people, of their history, and of their sealed accounts."""
