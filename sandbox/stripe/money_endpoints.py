"""`/v1/refunds`, `/v1/disputes`, `/v1/balance` and its transactions, `/v1/events`."""

from collections.abc import Sequence

from sandbox.stripe.books import Books
from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.events import Events
from sandbox.stripe.expansion import expand_paths, expanded, expanded_list
from sandbox.stripe.lists import check_names, created_within, page
from sandbox.stripe.objects import Json
from sandbox.stripe.parameters import checked
from sandbox.stripe.parameters_of_money import RefundParameters
from sandbox.stripe.refunding import Refunding, refunded_charge
from sandbox.stripe.state import StripeState


class MoneyEndpoints:
    """What a bookkeeper asks for."""

    def __init__(
        self, state: StripeState, books: Books, refunding: Refunding, events: Events
    ) -> None:
        self._state = state
        self._books = books
        self._refunding = refunding
        self._events = events

    def endpoints(self) -> Sequence[Endpoint]:
        """The table."""
        entries, refunds = "/v1/balance_transactions", "/v1/refunds"
        return [
            Endpoint("POST", refunds, "refunds.create", self.create_refund),
            Endpoint("GET", refunds, "refunds.list", self.list_refunds),
            Endpoint("GET", f"{refunds}/{{id}}", "refunds.retrieve", self.get_refund),
            Endpoint("GET", "/v1/disputes", "disputes.list", self.list_disputes),
            Endpoint("GET", "/v1/disputes/{id}", "disputes.retrieve", self.get_dispute),
            Endpoint("GET", "/v1/balance", "balance.retrieve", self.get_balance),
            Endpoint("GET", entries, "balance_transactions.list", self.list_entries),
            Endpoint("GET", f"{entries}/{{id}}", "balance_transactions.retrieve", self.get_entry),
            Endpoint("GET", "/v1/events", "events.list", self.list_events),
            Endpoint("GET", "/v1/events/{id}", "events.retrieve", self.get_event),
        ]

    def create_refund(self, call: Call) -> Json:
        """Money back to a payer."""
        params = dict(call.params)
        paths = expand_paths("refund", params.pop("expand", []))
        asked = checked(RefundParameters, params)
        charge = refunded_charge(self._state, asked.payment_intent, asked.charge)
        refund = self._refunding.create(
            charge, asked.amount, asked.metadata, asked.reason, call.origin
        )
        return expanded(refund, paths, self._state)

    def list_refunds(self, call: Call) -> Json:
        """Of a payment, or all."""
        check_names(call.params, "payment_intent", "charge", "created", "expand")

        def fits(refund: Json) -> bool:
            same = all(
                refund[name] == call.params.get(name, refund[name])
                for name in ("payment_intent", "charge")
            )
            return same and created_within(refund, call.params)

        listed = page(
            list(self._state.refunds.values()), call.params, "/v1/refunds", "refund", fits
        )
        return expanded_list(listed, "refund", call.params.get("expand", []), self._state)

    def get_refund(self, call: Call) -> Json:
        """A refund, as it is."""
        return self._shown(self._state.refunds, "refund", call)

    def list_disputes(self, call: Call) -> Json:
        """Of a payment, or all."""
        check_names(call.params, "payment_intent", "charge", "created", "expand")

        def fits(dispute: Json) -> bool:
            same = all(
                dispute[name] == call.params.get(name, dispute[name])
                for name in ("payment_intent", "charge")
            )
            return same and created_within(dispute, call.params)

        listed = page(
            list(self._state.disputes.values()), call.params, "/v1/disputes", "dispute", fits
        )
        return expanded_list(listed, "dispute", call.params.get("expand", []), self._state)

    def get_dispute(self, call: Call) -> Json:
        """A dispute, as it is."""
        return self._shown(self._state.disputes, "dispute", call)

    def get_balance(self, call: Call) -> Json:
        """What there is."""
        return self._books.balance(call.account)

    def list_entries(self, call: Call) -> Json:
        """What moved the balance: by time, kind, source, currency, or the payout that took it."""
        params = call.params
        check_names(params, "created", "currency", "expand", "payout", "source", "type")

        def fits(entry: Json) -> bool:
            same = all(
                entry[name] == params.get(name, entry[name])
                for name in ("currency", "source", "type")
            )
            wanted = params.get("payout")
            if wanted is not None and wanted not in (entry["source"], self._books.payout_of(entry)):
                return False
            return same and created_within(entry, params)

        entries = self._books.entries(call.account)
        kind = "balance_transaction"
        listed = page(entries, params, "/v1/balance_transactions", kind, fits)
        return expanded_list(listed, kind, params.get("expand", []), self._state)

    def get_entry(self, call: Call) -> Json:
        """A movement."""
        self._books.entries(call.account)
        return self._shown(self._state.balance_transactions, "balance_transaction", call)

    def list_events(self, call: Call) -> Json:
        """What was told."""
        return self._events.page(call.params)

    def get_event(self, call: Call) -> Json:
        """One event."""
        return self._events.get(call.path["id"])

    def _shown(self, known: dict[str, Json], kind: str, call: Call) -> Json:
        found = self._state.owned(known, kind, call.path["id"], call.account)
        return expanded(found, expand_paths(kind, call.params.get("expand", [])), self._state)
