"""How Stripe is called: our address, our timeouts, and what its silence means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.payments.errors import GatewayUnavailable
from shared.platform.observability import metric

if TYPE_CHECKING:
    from stripe import StripeClient

TIMEOUT_SECONDS = (2, 4)
"""To connect and to read: with the one retry, inside the time that the caller has."""
MAX_RETRIES = 1
"""By the SDK, under the same idempotency key: on lost connections, 409 and 5xx."""

type Clients = Callable[[], "StripeClient"]
"""Called per use, so that a rotated key is seen."""


def stripe_client(api_key: str, base_url: str) -> "StripeClient":
    """The SDK with our address and our timeouts; its own default would wait 80 seconds."""
    import stripe

    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base_url},
        max_network_retries=MAX_RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


@contextmanager
def asking() -> Iterator[None]:
    """Around requests: whatever keeps Stripe from saying yes or no is GatewayUnavailable, a wrong
    key of ours and a limit of requests among it. What Stripe refuses for what was asked
    (``InvalidRequestError``, ``CardError``) comes through."""
    import stripe

    try:
        yield
    except stripe.IdempotencyError as error:
        # The key was used for another request: what became of that one is not known here.
        metric("GatewayFailed", gateway="STRIPE", error=type(error).__name__)
        raise GatewayUnavailable() from None
    except (stripe.InvalidRequestError, stripe.CardError):
        raise
    except stripe.StripeError as error:
        metric("GatewayFailed", gateway="STRIPE", error=type(error).__name__)
        raise GatewayUnavailable() from None
