"""Lambda function reconcile_gateways."""
