"""Lambda function fund_deposit."""
