"""What requests may say; everything else is refused in Adyen's words."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sandbox.adyen.errors import AdyenError
from sandbox.adyen.objects import Amount, Json

CURRENCIES = frozenset({"USD", "EUR", "GBP", "KES", "ZAR"})
"""All of them with two decimals."""
LARGEST = 10**12
LONGEST = 80
DEFAULT_LIFE = timedelta(hours=24)
LONGEST_LIFE = timedelta(days=70)
OF_LINK = frozenset(
    {
        "allowedPaymentMethods",
        "amount",
        "blockedPaymentMethods",
        "captureDelayHours",
        "countryCode",
        "description",
        "expiresAt",
        "manualCapture",
        "merchantAccount",
        "metadata",
        "reference",
        "returnUrl",
        "reusable",
        "shopperEmail",
        "shopperLocale",
        "shopperReference",
    }
)
OF_PAYMENT = frozenset(
    {
        "amount",
        "merchantAccount",
        "metadata",
        "paymentMethod",
        "reference",
        "returnUrl",
        "shopperInteraction",
        "shopperReference",
    }
)
OF_REFUND = frozenset({"amount", "merchantAccount", "merchantRefundReason", "reference"})
OF_CANCEL = frozenset({"merchantAccount", "reference"})


def known(params: Json, names: frozenset[str], request: str) -> None:
    """Refuses members that the API does not have."""
    unknown = sorted(params.keys() - names)
    if unknown:
        fields = ", ".join(unknown)
        raise AdyenError(
            400, "702", f"Structure of {request} contains the following unknown fields: [{fields}]"
        )


def amount_of(params: Json) -> Amount:
    """The amount; 422 when it makes no sense."""
    amount = params.get("amount")
    if not isinstance(amount, dict):
        raise AdyenError(422, "100", "No amount specified")
    currency, value = amount.get("currency"), amount.get("value")
    if currency not in CURRENCIES:
        raise AdyenError(422, "138", "Unsupported currency specified")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST:
        raise AdyenError(422, "137", "Invalid amount specified")
    return Amount(str(currency), value)


def reference_of(params: Json) -> str:
    """Our reference; 422 without one."""
    reference = params.get("reference")
    if not isinstance(reference, str) or not reference:
        raise AdyenError(422, "130", "Reference Missing")
    if len(reference) > LONGEST:
        raise AdyenError(422, "702", "reference is too long")
    return reference


def metadata_of(params: Json) -> dict[str, str]:
    """Up to 20 texts by name."""
    metadata = params.get("metadata", {})
    texts: Iterable[object] = metadata.values() if isinstance(metadata, dict) else [None]
    if len(list(texts)) > 20 or not all(isinstance(one, str) and len(one) <= 80 for one in texts):
        raise AdyenError(422, "174", "Unable to process metadata")
    return {str(name): str(value) for name, value in dict(metadata).items()}


def expiry_of(params: Json, now: datetime) -> datetime:
    """When the link expires; 422 for the past and for more than 70 days ahead."""
    text = params.get("expiresAt")
    if text is None:
        return now + DEFAULT_LIFE
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not now < at <= now + LONGEST_LIFE:
        raise AdyenError(422, "702", "expiresAt is not a time within 70 days from now")
    return at
