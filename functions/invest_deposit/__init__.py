"""Lambda function invest_deposit."""
