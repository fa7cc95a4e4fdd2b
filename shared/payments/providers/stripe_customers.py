"""One customer at Stripe for each person: what bank transfers and kept cards belong to."""

from shared.payments.providers.stripe_client import Clients


class StripeCustomers:
    """Finds or makes the customer of a person. No name, address or e-mail goes there."""

    def __init__(self, client: Clients) -> None:
        self._client = client

    def of(self, user_id: str) -> str:
        """The customer's id. The search sees a new customer after a minute, the idempotency key
        holds for a day: between them there is one customer for a person. Raises what the SDK
        raises."""
        v1 = self._client().v1
        found = v1.customers.search({"query": f"metadata['user_id']:'{user_id}'", "limit": 100})
        if found.data:
            # Should there ever be two, everybody takes the same.
            return min(found.data, key=lambda one: (one.created, one.id)).id
        made = v1.customers.create(
            {"metadata": {"user_id": user_id}}, {"idempotency_key": f"{user_id}.customer"}
        )
        return made.id
