"""People who can take money out, for tests: approved, with a name, with cash, with a factor."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from graphql_api.application import Application
from shared.kernel.money import Currency, Money
from shared.ledger.accounts import customer_cash, firm_cash_at_broker
from shared.ledger.model import Draft, EntryKind, Posting
from shared.market_data.model import FxQuote
from shared.market_data.store import MarketStore
from shared.payouts.model import Payout
from shared.platform.tables import as_changes
from shared.users.model import KycStatus, Language
from shared.withdrawals.deciding import Wanted
from shared.withdrawals.model import PayoutAccount
from tests.users.twins import claims_of

NAME = "Amina Otieno"
PHONE = "+254712345678"


def named(app: Application, client: Any, given: str = "Amina", family: str = "Otieno") -> None:
    """An approved identity of this name, with a second factor proved just now."""
    user = app.users.get(client.user_id)
    assert user is not None
    people = app.people
    profile = people.safe.open(user.sealed, user_id=user.user_id)
    sealed = people.safe.seal(
        profile | {"given_name": given, "family_name": family},
        user_id=user.user_id,
        wrapped_key=user.sealed.wrapped_key,
    )
    save = app.users.save_profile(user, sealed, complete=True, language=Language.EN)
    app.database.transact(as_changes([save]))
    approved = app.users.set_kyc_status(client.user_id, KycStatus.APPROVED)
    app.database.transact(as_changes([approved]))
    stepped_up(app, client)


def stepped_up(app: Application, client: Any) -> None:
    """The second factor was proved just now."""
    user = app.users.get(client.user_id)
    assert user is not None
    origin = claims_of(client.token)["origin_jti"]
    proved = replace(user, mfa=True, sign_ins=user.sign_ins.proved(origin, app.clock.now()))
    app.database.transact(as_changes([app.users.save_standing(user, proved)]))


def cash(app: Application, user_id: str, minor: int) -> None:
    """Money that is free in the wallet."""
    wallet = app.ledger.wallet(user_id, Currency.USD)
    draft = Draft(
        EntryKind.DEPOSIT_SETTLED,
        "test",
        app.clock.now(),
        (
            Posting(firm_cash_at_broker(), "USD/2", minor),
            Posting(customer_cash(user_id), "USD/2", -minor),
        ),
    )
    writes = app.ledger.post(wallet, draft, posted=minor)
    # The entry alone: who tells of entries is none of these tests' business.
    app.database.transact(as_changes(writes))


def rate(app: Application, value: str = "0.0077") -> None:
    """Of dollars for a shilling, published now."""
    now = app.clock.now()
    MarketStore(app.database).keep_rate(
        FxQuote(Currency.KES, Currency.USD, Decimal(value), now, "test", now)
    )


def ready(app: Application, client: Any, minor: int = 100_000) -> PayoutAccount:
    """All of it, and an M-Pesa account that still cools off."""
    named(app, client)
    cash(app, client.user_id, minor)
    rate(app)
    return app.paying_out.keeping.add(
        client.user_id, idempotency_key="account", holder_name=NAME, phone=PHONE
    )


def withdrawn(app: Application, client: Any, account: PayoutAccount, text: str = "10.00") -> Payout:
    """A withdrawal to it."""
    return app.paying_out.withdrawals.request(
        client.user_id,
        idempotency_key="withdrawal",
        wish=Wanted(account.account_id, Money.parse(text, Currency.USD)),
    )
