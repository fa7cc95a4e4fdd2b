"""Lambda function sweep_pending."""
