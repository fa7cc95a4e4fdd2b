"""Lambda function keep_treasury."""
