"""Lambda function watch_market."""
