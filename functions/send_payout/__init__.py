"""Lambda function send_payout."""
