"""Adapters: Cognito, and the encryption of profiles."""
