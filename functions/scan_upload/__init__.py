"""Lambda function scan_upload."""
