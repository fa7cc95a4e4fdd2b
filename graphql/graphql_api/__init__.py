"""The GraphQL and session endpoints."""
