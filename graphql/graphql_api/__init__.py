"""The GraphQL and session endpoints: translates between the contexts and the schema."""
