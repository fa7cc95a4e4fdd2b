"""Lambda function apply_broker_event."""
