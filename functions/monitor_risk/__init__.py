"""Lambda function monitor_risk."""
