"""Lambda function monitor_money."""
