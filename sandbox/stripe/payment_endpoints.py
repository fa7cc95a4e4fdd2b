"""`/v1/checkout/sessions`, `/v1/payment_intents`, `/v1/charges` and `/v1/customers`."""

from collections.abc import Sequence

from sandbox.stripe import payments
from sandbox.stripe.api import PREFIX
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.cash import BANKS, Cash, searched
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.errors import StripeError
from sandbox.stripe.expansion import expand_paths, expanded
from sandbox.stripe.kept_cards import KeptCards, intent_for_card
from sandbox.stripe.lists import check_names, page
from sandbox.stripe.objects import Json
from sandbox.stripe.parameters import checked, session_parameters
from sandbox.stripe.parameters_of_money import CustomerParameters, IntentParameters
from sandbox.stripe.state import StripeState


class PaymentEndpoints:
    """What a shop asks for."""

    def __init__(self, state: StripeState, checkout: Checkout, cash: Cash, kept: KeptCards) -> None:
        self._state = state
        self._checkout = checkout
        self._cash = cash
        self._kept = kept

    def endpoints(self) -> Sequence[Endpoint]:
        """The table."""
        sessions, intents, customers = (
            f"/v1/{one}" for one in ("checkout/sessions", "payment_intents", "customers")
        )
        return [
            Endpoint("POST", sessions, "checkout_sessions.create", self.create_session),
            Endpoint("GET", f"{sessions}/{{id}}", "checkout_sessions.retrieve", self.get_session),
            Endpoint("POST", f"{sessions}/{{id}}/expire", "checkout_sessions.expire", self.expire),
            Endpoint("POST", intents, "payment_intents.create", self.create_intent),
            Endpoint("GET", f"{intents}/{{id}}", "payment_intents.retrieve", self.get_intent),
            Endpoint("POST", f"{intents}/{{id}}/cancel", "payment_intents.cancel", self.cancel),
            Endpoint("GET", "/v1/charges/{id}", "charges.retrieve", self.get_charge),
            Endpoint("POST", customers, "customers.create", self.create_customer),
            Endpoint("GET", f"{customers}/search", "customers.search", self.search_customers),
            Endpoint("GET", f"{customers}/{{id}}", "customers.retrieve", self.get_customer),
            Endpoint(
                "GET",
                f"{customers}/{{id}}/cash_balance",
                "cash_balance.retrieve",
                self.get_cash_balance,
            ),
            Endpoint(
                "GET",
                f"{customers}/{{id}}/cash_balance_transactions",
                "cash_balance_transactions.list",
                self.list_cash,
            ),
        ]

    def create_session(self, call: Call) -> Json:
        """A page."""
        params = dict(call.params)
        paths = expand_paths("checkout.session", params.pop("expand", []))
        parameters = session_parameters(params, self._state.now())
        if parameters.customer is not None:
            self._customer(parameters.customer)
        session = self._checkout.create(parameters, f"{call.base_url}{PREFIX}/pay/")
        return expanded(session, paths, self._state)

    def get_session(self, call: Call) -> Json:
        """A page, as it is."""
        return self._shown(self._state.sessions, "checkout.session", call)

    def expire(self, call: Call) -> Json:
        """Closes a page."""
        session = self._state.owned(
            self._state.sessions, "checkout.session", call.path["id"], call.account
        )
        paths = expand_paths("checkout.session", call.params.get("expand", []))
        self._checkout.expire(session, call.origin)
        return expanded(session, paths, self._state)

    def create_intent(self, call: Call) -> Json:
        """A transfer to wait for, or the charge of a kept card."""
        params = dict(call.params)
        paths = expand_paths("payment_intent", params.pop("expand", []))
        parameters = checked(IntentParameters, params)
        if not parameters.confirm:
            raise StripeError(400, "This sandbox confirms at once only.", param="confirm")
        self._customer(parameters.customer)
        if parameters.payment_method_types == ["card"]:
            intent = intent_for_card(parameters.model_dump(), self._state.now())
            self._kept.charge(intent, parameters.payment_method or "", call.origin)
        else:
            intent = self._transfer(parameters, call)
        return expanded(intent, paths, self._state)

    def get_intent(self, call: Call) -> Json:
        """An intent, as it is."""
        return self._shown(self._state.intents, "payment_intent", call)

    def cancel(self, call: Call) -> Json:
        """Gives an intent up."""
        intent = self._state.owned(
            self._state.intents, "payment_intent", call.path["id"], call.account
        )
        self._cash.cancel(intent, call.origin)
        return expanded(intent, [], self._state)

    def get_charge(self, call: Call) -> Json:
        """A charge, as it is."""
        return self._shown(self._state.charges, "charge", call)

    def create_customer(self, call: Call) -> Json:
        """A customer."""
        parameters = checked(CustomerParameters, call.params)
        return self._cash.create_customer(parameters.model_dump())

    def search_customers(self, call: Call) -> Json:
        """By metadata. What is new is found after a while only (fault `stale`)."""
        check_names(call.params, "query", "page")
        query = str(call.params.get("query", ""))
        found = searched(self._state, query)
        if self._state.sandbox.faults.take("stripe", "customers.search", "stale") is not None:
            found = []
        listed = page(found, {"limit": "100"}, "/v1/customers/search", "customer", lambda _: True)
        return {**listed, "object": "search_result", "next_page": None}

    def get_customer(self, call: Call) -> Json:
        """A customer."""
        return dict(self._customer(call.path["id"]))

    def get_cash_balance(self, call: Call) -> Json:
        """What a customer has sent and not used."""
        return self._cash.balance(self._customer(call.path["id"])["id"])

    def list_cash(self, call: Call) -> Json:
        """What came and what it was used for."""
        check_names(call.params)
        customer = self._customer(call.path["id"])["id"]
        url = f"/v1/customers/{customer}/cash_balance_transactions"
        entries = list(self._state.cash.values())
        kind = "customer_cash_balance_transaction"
        return page(entries, call.params, url, kind, lambda one: one["customer"] == customer)

    def _transfer(self, parameters: IntentParameters, call: Call) -> Json:
        options = parameters.payment_method_options.customer_balance
        if options is None or parameters.payment_method_data is None:
            raise StripeError(
                400, "Missing required param: payment_method_data.", code="parameter_missing"
            )
        wanted = {"usd": "us_bank_transfer", "eur": "eu_bank_transfer"}
        transfer = options.bank_transfer
        if parameters.currency not in BANKS or transfer.type != wanted[parameters.currency]:
            raise StripeError(
                400,
                f"The bank transfer type {transfer.type} does not take {parameters.currency}.",
                param="payment_method_options[customer_balance][bank_transfer][type]",
            )
        country = transfer.eu_bank_transfer.country if transfer.eu_bank_transfer else None
        intent = payments.payment_intent(
            parameters.amount,
            parameters.currency,
            ["customer_balance"],
            parameters.metadata,
            self._state.now(),
            customer=parameters.customer,
            description=parameters.description,
        )
        self._state.intents[intent["id"]] = intent
        self._state.tell("payment_intent.created", intent, call.origin)
        self._cash.await_transfer(intent, country, call.origin)
        return intent

    def _customer(self, customer_id: str) -> Json:
        return self._state.owned(self._state.customers, "customer", customer_id, "")

    def _shown(self, known: dict[str, Json], kind: str, call: Call) -> Json:
        found = self._state.owned(known, kind, call.path["id"], call.account)
        return expanded(found, expand_paths(kind, call.params.get("expand", [])), self._state)
