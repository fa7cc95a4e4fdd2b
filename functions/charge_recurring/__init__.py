"""Lambda function charge_recurring."""
