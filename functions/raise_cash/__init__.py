"""Lambda function raise_cash."""
