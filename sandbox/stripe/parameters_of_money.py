"""The parameters of everything but Checkout, checked as Stripe checks them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from sandbox.stripe.banks import NUMBER
from sandbox.stripe.parameters import MAX_AMOUNT, Metadata, Parameters, Whole, known_currency

Currency = Annotated[str, AfterValidator(known_currency)]
Amount = Annotated[Whole, Field(ge=1, le=MAX_AMOUNT)]


def _flag(value: object) -> object:
    if value not in ("true", "false"):
        raise ValueError(f"Invalid boolean: {value}")
    return value == "true"


def _account_number(value: str) -> str:
    plain = value.replace(" ", "").upper()
    if not NUMBER.fullmatch(plain):
        raise ValueError("Invalid account number")
    return plain


Flag = Annotated[bool, BeforeValidator(_flag)]


class CustomerParameters(Parameters):
    """Body of `POST /v1/customers`."""

    description: str | None = None
    email: str | None = None
    metadata: Metadata = {}
    name: str | None = None


class EuTransfer(Parameters):
    """Where the account is to which is sent."""

    country: Literal["DE", "FR", "IE", "NL"]


class BankTransfer(Parameters):
    """The kind of account to which is sent."""

    type: Literal["us_bank_transfer", "eu_bank_transfer"]
    eu_bank_transfer: EuTransfer | None = None


class BalanceOptions(Parameters):
    """How a customer's balance is filled."""

    funding_type: Literal["bank_transfer"]
    bank_transfer: BankTransfer


class IntentOptions(Parameters):
    """Options by kind of payment."""

    customer_balance: BalanceOptions | None = None


class MethodData(Parameters):
    """A payment method that is made on the fly."""

    type: Literal["customer_balance"]


class IntentParameters(Parameters):
    """Body of `POST /v1/payment_intents`: a transfer to wait for, or a kept card to charge. Both
    are confirmed at once."""

    amount: Amount
    currency: Currency
    customer: str
    confirm: Flag
    off_session: Flag = False
    description: str | None = None
    metadata: Metadata = {}
    payment_method: str | None = None
    payment_method_data: MethodData | None = None
    payment_method_options: IntentOptions = IntentOptions()
    payment_method_types: Annotated[
        list[Literal["card", "customer_balance"]], Field(min_length=1, max_length=1)
    ]


class RefundParameters(Parameters):
    """Body of `POST /v1/refunds`."""

    amount: Amount | None = None
    charge: str | None = None
    metadata: Metadata = {}
    payment_intent: str | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None


class Controller(Parameters):
    """Who answers for a connected account. What is in its parts is kept as it is."""

    model_config = ConfigDict(extra="allow")


class AccountParameters(Parameters):
    """Body of `POST /v1/accounts`. Only accounts that the platform answers for are offered."""

    business_type: Literal["individual", "company"] | None = None
    capabilities: dict[str, dict[str, str]] = {}
    controller: Controller
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    email: str | None = None
    metadata: Metadata = {}
    settings: dict[str, dict[str, dict[str, str]]] = {}
    tos_acceptance: dict[str, str] = {}


class BankAccountData(Parameters):
    """A bank account by its numbers."""

    object: Literal["bank_account"]
    account_holder_name: str | None = None
    account_holder_type: Literal["individual", "company"] | None = None
    account_number: Annotated[str, AfterValidator(_account_number)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    currency: Currency
    routing_number: str | None = None


class ExternalAccountParameters(Parameters):
    """Body of `POST /v1/accounts/{id}/external_accounts`."""

    external_account: BankAccountData
    metadata: Metadata = {}


class TransferParameters(Parameters):
    """Body of `POST /v1/transfers`."""

    amount: Amount
    currency: Currency
    description: str | None = None
    destination: str
    metadata: Metadata = {}
    transfer_group: str | None = None


class ReversalParameters(Parameters):
    """Body of `POST /v1/transfers/{id}/reversals`."""

    amount: Amount | None = None
    metadata: Metadata = {}


class PayoutParameters(Parameters):
    """Body of `POST /v1/payouts`."""

    amount: Amount
    currency: Currency
    description: str | None = None
    destination: str
    metadata: Metadata = {}
    method: Literal["standard"] = "standard"
