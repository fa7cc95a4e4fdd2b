"""Connected accounts, their bank accounts, and the transfers that give them money."""

import hashlib

from sandbox.stripe.banks import is_iban, is_routing_number
from sandbox.stripe.books import Books, Movement
from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.objects import Json, new_id
from sandbox.stripe.parameters_of_money import BankAccountData
from sandbox.stripe.state import Origin, StripeState


class Connect:
    """What the platform does for the accounts that belong to it."""

    def __init__(self, state: StripeState, books: Books) -> None:
        self._state = state
        self._books = books

    def create_account(self, country: str, metadata: dict[str, str], members: Json) -> Json:
        """A new account, able to take transfers and to pay out at once."""
        account: Json = {
            "id": new_id("acct", 16),
            "object": "account",
            "business_profile": None,
            "business_type": members.get("business_type"),
            "capabilities": {"transfers": "active"},
            "charges_enabled": False,
            "controller": {
                "type": "application",
                "is_controller": True,
                **(members.get("controller") or {}),
            },
            "country": country,
            "created": self._state.now(),
            "default_currency": "usd",
            "details_submitted": True,
            "email": members.get("email"),
            "metadata": dict(metadata),
            "payouts_enabled": True,
            "requirements": {"currently_due": [], "disabled_reason": None},
            "settings": members.get("settings") or {},
            "tos_acceptance": members.get("tos_acceptance") or {},
            "type": "none",
        }
        self._state.accounts[account["id"]] = account
        return account

    def add_bank_account(self, account: Json, data: BankAccountData) -> Json:
        """A bank account to pay out to.

        Raises:
            StripeError: 400, the numbers are not those of a bank account.
        """
        _check_numbers(data)
        fingerprint = hashlib.sha256(f"{data.routing_number} {data.account_number}".encode())
        made: Json = {
            "id": new_id("ba"),
            "object": "bank_account",
            "account": account["id"],
            "account_holder_name": data.account_holder_name,
            "account_holder_type": data.account_holder_type,
            "account_type": None,
            "available_payout_methods": ["standard"],
            "bank_name": "STRIPE TEST BANK",
            "country": data.country,
            "currency": data.currency,
            "default_for_currency": True,
            "fingerprint": fingerprint.hexdigest()[:16],
            "last4": data.account_number[-4:],
            "metadata": {},
            "routing_number": data.routing_number,
            "status": "new",
        }
        self._state.bank_accounts[made["id"]] = made
        self._state.owners[made["id"]] = account["id"]
        self._state.numbers[made["id"]] = data.account_number
        return made

    def transfer(self, parameters: Json, origin: Origin) -> Json:
        """Money for an account, out of the available balance.

        Raises:
            StripeError: 400, no such account, or too little money.
        """
        destination = parameters["destination"]
        if destination not in self._state.accounts:
            raise StripeError(
                400,
                f"No such destination: '{destination}'",
                code="resource_missing",
                param="destination",
            )
        if self._books.available(parameters["currency"]) < parameters["amount"]:
            raise insufficient()
        transfer: Json = {
            "id": new_id("tr"),
            "object": "transfer",
            "amount_reversed": 0,
            "balance_transaction": None,
            "created": self._state.now(),
            "destination_payment": new_id("py"),
            "livemode": False,
            "reversals": {"object": "list", "data": [], "has_more": False, "url": ""},
            "reversed": False,
            "source_transaction": None,
            "source_type": "card",
            **parameters,
        }
        amount, currency = transfer["amount"], transfer["currency"]
        entry = self._books.enter(Movement("transfer", transfer["id"], currency, -amount))
        transfer["balance_transaction"] = entry["id"]
        received = transfer["destination_payment"]
        self._books.enter(Movement("payment", received, currency, amount, account=destination))
        self._state.transfers[transfer["id"]] = transfer
        self._state.tell("transfer.created", transfer, origin)
        return transfer

    def reverse(
        self, transfer: Json, amount: int | None, metadata: dict[str, str], origin: Origin
    ) -> Json:
        """Takes a transfer back.

        Raises:
            StripeError: 400, it was taken back, or the account has not so much.
        """
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = left if amount is None else amount
        account, currency = transfer["destination"], transfer["currency"]
        if not 0 < amount <= left:
            raise StripeError(400, f"Transfer {transfer['id']} is already fully reversed.")
        if self._books.available(currency, account) < amount:
            raise insufficient()
        reversal: Json = {
            "id": new_id("trr"),
            "object": "transfer_reversal",
            "amount": amount,
            "created": self._state.now(),
            "currency": currency,
            "destination_payment_refund": new_id("pyr"),
            "metadata": dict(metadata),
            "source_refund": None,
            "transfer": transfer["id"],
        }
        back = Movement("transfer_reversal", reversal["id"], currency, amount)
        reversal["balance_transaction"] = self._books.enter(back)["id"]
        given = reversal["destination_payment_refund"]
        self._books.enter(Movement("payment_refund", given, currency, -amount, account=account))
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        transfer["reversals"]["data"].append(reversal)
        self._state.tell("transfer.reversed", transfer, origin)
        return reversal

    def account(self, account_id: str) -> Json:
        """An account of the platform.

        Raises:
            StripeError: 404.
        """
        found = self._state.accounts.get(account_id)
        if found is None:
            raise no_such("account", account_id)
        return found


def insufficient() -> StripeError:
    """There is not so much available money."""
    return StripeError(400, "You have insufficient available funds.", code="balance_insufficient")


def _check_numbers(data: BankAccountData) -> None:
    if data.country == "US":
        if not is_routing_number(data.routing_number or ""):
            raise StripeError(
                400,
                "Invalid routing number.",
                code="routing_number_invalid",
                param="external_account[routing_number]",
            )
        if not (data.account_number.isdigit() and 4 <= len(data.account_number) <= 17):
            raise _bad_number()
    elif data.currency == "eur" and not is_iban(data.account_number):
        raise _bad_number()


def _bad_number() -> StripeError:
    return StripeError(
        400,
        "Invalid account number.",
        code="account_number_invalid",
        param="external_account[account_number]",
    )
