"""Lambda function accrue_fees."""
