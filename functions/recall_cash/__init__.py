"""Lambda function recall_cash."""
