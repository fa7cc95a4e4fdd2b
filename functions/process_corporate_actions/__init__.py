"""Lambda function process_corporate_actions."""
