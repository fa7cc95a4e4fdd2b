"""Lambda function reconcile_broker."""
