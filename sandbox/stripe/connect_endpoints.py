"""`/v1/accounts`, `/v1/transfers` and `/v1/payouts`."""

from collections.abc import Sequence

from sandbox.stripe.calls import Call, Endpoint
from sandbox.stripe.connect import Connect
from sandbox.stripe.expansion import expand_paths, expanded, expanded_list
from sandbox.stripe.lists import check_names, created_within, page
from sandbox.stripe.objects import Json
from sandbox.stripe.parameters import checked
from sandbox.stripe.parameters_of_money import (
    AccountParameters,
    ExternalAccountParameters,
    PayoutParameters,
    ReversalParameters,
    TransferParameters,
)
from sandbox.stripe.paying_out import PayingOut
from sandbox.stripe.state import PLATFORM, StripeState


class ConnectEndpoints:
    """What a platform asks for that pays others."""

    def __init__(self, state: StripeState, connect: Connect, paying_out: PayingOut) -> None:
        self._state = state
        self._connect = connect
        self._paying_out = paying_out

    def endpoints(self) -> Sequence[Endpoint]:
        """The table."""
        accounts, transfers, payouts = (
            f"/v1/{one}" for one in ("accounts", "transfers", "payouts")
        )
        banks = f"{accounts}/{{id}}/external_accounts"
        return [
            Endpoint("POST", accounts, "accounts.create", self.create_account),
            Endpoint("GET", f"{accounts}/{{id}}", "accounts.retrieve", self.get_account),
            Endpoint("POST", banks, "external_accounts.create", self.add_bank_account),
            Endpoint("POST", transfers, "transfers.create", self.create_transfer),
            Endpoint("GET", transfers, "transfers.list", self.list_transfers),
            Endpoint("GET", f"{transfers}/{{id}}", "transfers.retrieve", self.get_transfer),
            Endpoint(
                "POST", f"{transfers}/{{id}}/reversals", "transfer_reversals.create", self.reverse
            ),
            Endpoint("POST", payouts, "payouts.create", self.create_payout),
            Endpoint("GET", payouts, "payouts.list", self.list_payouts),
            Endpoint("GET", f"{payouts}/{{id}}", "payouts.retrieve", self.get_payout),
        ]

    def create_account(self, call: Call) -> Json:
        """A connected account."""
        asked = checked(AccountParameters, call.params)
        return self._connect.create_account(asked.country, asked.metadata, asked.model_dump())

    def get_account(self, call: Call) -> Json:
        """A connected account."""
        return dict(self._connect.account(call.path["id"]))

    def add_bank_account(self, call: Call) -> Json:
        """A bank account of a connected account."""
        asked = checked(ExternalAccountParameters, call.params)
        account = self._connect.account(call.path["id"])
        return self._connect.add_bank_account(account, asked.external_account)

    def create_transfer(self, call: Call) -> Json:
        """Money for a connected account."""
        asked = checked(TransferParameters, call.params)
        return dict(self._connect.transfer(asked.model_dump(), call.origin))

    def list_transfers(self, call: Call) -> Json:
        """By group and destination."""
        params = call.params
        check_names(params, "created", "destination", "expand", "transfer_group")

        def fits(transfer: Json) -> bool:
            same = all(
                transfer[name] == params.get(name, transfer[name])
                for name in ("destination", "transfer_group")
            )
            return same and created_within(transfer, params)

        transfers = list(self._state.transfers.values())
        listed = page(transfers, params, "/v1/transfers", "transfer", fits)
        return expanded_list(listed, "transfer", params.get("expand", []), self._state)

    def get_transfer(self, call: Call) -> Json:
        """A transfer, as it is."""
        return self._shown(self._state.transfers, "transfer", call)

    def reverse(self, call: Call) -> Json:
        """Takes a transfer back."""
        asked = checked(ReversalParameters, call.params)
        transfer = self._state.owned(
            self._state.transfers, "transfer", call.path["id"], call.account
        )
        return dict(self._connect.reverse(transfer, asked.amount, asked.metadata, call.origin))

    def create_payout(self, call: Call) -> Json:
        """Money to a bank account."""
        asked = checked(PayoutParameters, call.params)
        return dict(self._paying_out.create(asked.model_dump(), call.account, call.origin))

    def list_payouts(self, call: Call) -> Json:
        """Of this account."""
        params = call.params
        check_names(params, "arrival_date", "created", "destination", "expand", "status")

        def fits(payout: Json) -> bool:
            same = all(
                payout[name] == params.get(name, payout[name]) for name in ("destination", "status")
            )
            return same and created_within(payout, params)

        mine = [
            one
            for one in self._state.payouts.values()
            if self._state.owners.get(one["id"], PLATFORM) == call.account
        ]
        listed = page(mine, params, "/v1/payouts", "payout", fits)
        return expanded_list(listed, "payout", params.get("expand", []), self._state)

    def get_payout(self, call: Call) -> Json:
        """A payout, as it is."""
        return self._shown(self._state.payouts, "payout", call)

    def _shown(self, known: dict[str, Json], kind: str, call: Call) -> Json:
        found = self._state.owned(known, kind, call.path["id"], call.account)
        return expanded(found, expand_paths(kind, call.params.get("expand", [])), self._state)
