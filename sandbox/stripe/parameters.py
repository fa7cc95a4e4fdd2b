"""The parameters of a new Checkout Session, checked as Stripe checks them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sandbox.stripe.errors import StripeError
from sandbox.stripe.forms import bracket_name

MIN_AMOUNT = 50
MAX_AMOUNT = 99_999_999
CURRENCIES = frozenset({"usd", "eur", "gbp", "kes", "zar"})
MIN_LIFE_SECONDS = 30 * 60
MAX_LIFE_SECONDS = 24 * 60 * 60


def _whole_number(value: object) -> object:
    # The parser would also take "1.0" and "1_000", which Stripe refuses.
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError(f"Invalid integer: {value}")
    return value


def known_currency(value: str) -> str:
    """In lower case; ValueError for one that is not offered."""
    lower = value.lower()
    if lower not in CURRENCIES:
        raise ValueError(f"Invalid currency: {lower}")
    return lower


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("Not a valid URL")
    return value


Whole = Annotated[int, BeforeValidator(_whole_number)]
Url = Annotated[str, Field(max_length=2048), AfterValidator(_web_address)]
Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, Field(max_length=500)]],
    Field(max_length=50),
]


class Parameters(BaseModel):
    """Refuses what the sandbox does not know, so that a typing error is seen here."""

    model_config = ConfigDict(extra="forbid")


class ProductData(Parameters):
    """A product that is made up on the fly."""

    name: Annotated[str, Field(min_length=1, max_length=5000)]
    description: str | None = None
    metadata: Metadata = {}


class PriceData(Parameters):
    """A price that is made up on the fly; `unit_amount` in minor units."""

    currency: Annotated[str, AfterValidator(known_currency)]
    unit_amount: Annotated[Whole, Field(ge=0, le=MAX_AMOUNT)]
    product_data: ProductData


class LineItem(Parameters):
    """One line of the sale."""

    price_data: PriceData
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1

    @property
    def amount(self) -> int:
        """Minor units of the whole line."""
        return self.price_data.unit_amount * self.quantity


class PaymentIntentData(Parameters):
    """What is handed on to the PaymentIntent."""

    description: str | None = None
    metadata: Metadata = {}
    receipt_email: str | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    statement_descriptor_suffix: str | None = None


class DebitOptions(Parameters):
    """How the owner of a bank account is known."""

    verification_method: Literal["automatic", "instant"] = "automatic"


class SessionOptions(Parameters):
    """Options by kind of payment."""

    us_bank_account: DebitOptions | None = None


class SessionParameters(Parameters):
    """Body of `POST /v1/checkout/sessions`."""

    mode: Literal["payment"]
    line_items: Annotated[list[LineItem], Field(min_length=1, max_length=100)]
    success_url: Url
    cancel_url: Url | None = None
    client_reference_id: Annotated[str, Field(max_length=200)] | None = None
    customer: str | None = None
    customer_email: Annotated[str, Field(max_length=512)] | None = None
    expires_at: Whole | None = None
    locale: str | None = None
    metadata: Metadata = {}
    payment_intent_data: PaymentIntentData = PaymentIntentData()
    payment_method_options: SessionOptions = SessionOptions()
    payment_method_types: Annotated[
        list[Literal["card", "us_bank_account"]], Field(min_length=1, max_length=2)
    ] = ["card"]
    submit_type: Literal["auto", "book", "donate", "pay"] | None = None

    @property
    def currency(self) -> str:
        """The one currency of all lines."""
        return self.line_items[0].price_data.currency

    @property
    def amount(self) -> int:
        """Minor units of the whole sale."""
        return sum(item.amount for item in self.line_items)


def checked[Known: Parameters](known: type[Known], params: dict[str, Any]) -> Known:
    """The parameters of a request.

    Raises:
        StripeError: 400, naming the first parameter that does not fit.
    """
    try:
        return known.model_validate(params)
    except ValidationError as error:
        raise _refusal(error) from error


def session_parameters(params: dict[str, Any], now: int) -> SessionParameters:
    """The checked parameters; `now` in Unix seconds bounds `expires_at`.

    Raises:
        StripeError: 400, naming the first parameter that does not fit.
    """
    parameters = checked(SessionParameters, params)
    if len({item.price_data.currency for item in parameters.line_items}) > 1:
        raise StripeError(
            400, "All line items must have the same currency.", param="line_items[1][price_data]"
        )
    _check_amount(parameters.amount, parameters.currency)
    if "us_bank_account" in parameters.payment_method_types and parameters.currency != "usd":
        raise StripeError(
            400,
            "The payment method `us_bank_account` only supports the following currencies: `usd`.",
            param="payment_method_types",
        )
    if parameters.expires_at is not None:
        life = parameters.expires_at - now
        if not MIN_LIFE_SECONDS <= life <= MAX_LIFE_SECONDS:
            raise StripeError(
                400,
                "The `expires_at` timestamp must be between 30 minutes and 24 hours after "
                "Checkout Session creation.",
                param="expires_at",
            )
    return parameters


def _check_amount(amount: int, currency: str) -> None:
    if amount < MIN_AMOUNT:
        raise StripeError(
            400,
            f"The Checkout Session's total amount must be at least {MIN_AMOUNT} {currency}.",
            code="amount_too_small",
        )
    if amount > MAX_AMOUNT:
        raise StripeError(
            400,
            f"The Checkout Session's total amount due must be no more than {MAX_AMOUNT}.",
            code="amount_too_large",
        )


def _refusal(error: ValidationError) -> StripeError:
    first = error.errors(include_url=False)[0]
    param = bracket_name(first["loc"])
    if first["type"] == "missing":
        return StripeError(
            400, f"Missing required param: {param}.", code="parameter_missing", param=param
        )
    if first["type"] == "extra_forbidden":
        return StripeError(
            400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param
        )
    message = first["msg"].removeprefix("Value error, ")
    return StripeError(400, f"Invalid {param}: {message}", code="parameter_invalid", param=param)
