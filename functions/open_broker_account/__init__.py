"""Lambda function open_broker_account."""
