"""Lambda function keep_ibkr_session."""
