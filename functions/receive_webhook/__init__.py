"""Lambda function receive_webhook."""
