"""Lambda function publish_outbox."""
