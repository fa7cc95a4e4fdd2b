"""Lambda function follow_rebalances."""
