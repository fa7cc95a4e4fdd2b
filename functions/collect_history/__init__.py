"""Lambda function collect_history."""
