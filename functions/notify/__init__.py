"""Lambda function notify."""
