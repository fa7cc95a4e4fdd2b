"""What brokers tell of corporate actions, by broker."""
