"""Lambda function execute_orders."""
