"""Lambda function verify_identity."""
