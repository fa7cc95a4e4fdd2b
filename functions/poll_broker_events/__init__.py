"""Lambda function poll_broker_events."""
