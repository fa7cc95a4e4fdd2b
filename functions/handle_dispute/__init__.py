"""Lambda function handle_dispute."""
