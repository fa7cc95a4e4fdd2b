"""Lambda function sweep_portfolios."""
