"""Who a person is: documents, the identity case, and the account at the broker that follows."""
