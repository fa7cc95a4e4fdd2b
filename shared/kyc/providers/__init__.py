"""Adapters: S3, the identity provider, the broker, and the people of this platform."""
