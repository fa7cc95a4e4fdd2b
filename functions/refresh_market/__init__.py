"""Lambda function refresh_market."""
