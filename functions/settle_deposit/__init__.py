"""Lambda function settle_deposit."""
