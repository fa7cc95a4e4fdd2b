"""Payout accounts: added by their owner, used only after a while, and removed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.kernel.names import same_person, tokens
from shared.payments.races import on_fresh_state
from shared.payouts.states import NOT_PAID, PayoutStatus
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.observability import logger
from shared.platform.work import UnitOfWork, Write
from shared.withdrawals.destinations import (
    BANK_COUNTRIES,
    BankNumbers,
    Destination,
    bank_destination,
    mpesa_destination,
)
from shared.withdrawals.errors import (
    AccountInUse,
    HolderNameMismatch,
    IdentityNeeded,
    TooManyAccounts,
)
from shared.withdrawals.events import PayoutAccountAddedV1, PayoutAccountRemovedV1
from shared.withdrawals.model import (
    ACCOUNTS_MAX,
    ADDED_MAX,
    ADDED_WITHIN,
    AccountKind,
    Desk,
    PayoutAccount,
)
from shared.withdrawals.ports import (
    AccountBook,
    BankAccounts,
    Holder,
    Holders,
    Outgoing,
    PayoutAccounts,
)

ENDED = NOT_PAID | {PayoutStatus.PAID}
"""Nothing is on its way any more."""


@dataclass(frozen=True, slots=True)
class AccountKeeping:
    """What a person can do about their payout accounts. ``fingerprint`` is a keyed hash;
    ``banks`` is built when a bank account is added."""

    accounts: PayoutAccounts
    outgoing: Outgoing
    holders: Holders
    banks: Callable[[], BankAccounts]
    fingerprint: Callable[[str], str]
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    cooling: timedelta
    pause: Callable[[int], None] = full_jitter

    def add(
        self,
        user_id: str,
        *,
        idempotency_key: str,
        holder_name: str,
        phone: str | None = None,
        bank: BankNumbers | None = None,
    ) -> PayoutAccount:
        """The account of this key: a phone's M-Pesa account, or one at a bank.

        One that the person has already is success: nothing is added and its time does not begin
        again. Raises InvalidValue for numbers that cannot exist, IdentityNeeded,
        HolderNameMismatch, TooManyAccounts, IdempotencyKeyReused, and of the bank's gateway
        PayoutAccountRefused and GatewayUnavailable. Nothing is recorded then, and the key is free.
        """
        wish = _destination(phone, bank)
        content = (wish.canonical, *tokens(holder_name))
        intent = Intent(user_id, "addPayoutAccount", idempotency_key, content)

        def attempt() -> PayoutAccount:
            told: list[Event] = []
            account, _ = once(
                self.keys,
                self.facts,
                intent,
                make=lambda: self._made(user_id, wish, holder_name, told),
                read=lambda account_id: self._account(user_id, account_id),
                tell=lambda _: told,
            )
            return account

        return on_fresh_state(attempt, self.pause)

    def remove(self, user_id: str, account_id: str) -> PayoutAccount:
        """The account is not paid out to any more, and its numbers are forgotten; one that was
        removed before stays so.

        Raises NotFound, for somebody else's too, and AccountInUse while money is on its way.
        """

        def attempt() -> PayoutAccount:
            book = self.accounts.book(user_id)
            found = [one for one in book.accounts if one.account_id == account_id]
            if not found:
                raise NotFound(what="The payout account")
            account = found[0]
            if not account.active:
                return account
            if self._in_use(book.desk, account_id):
                raise AccountInUse()
            removed = account.removed(self.clock.now())
            event = PayoutAccountRemovedV1(
                user_id=user_id, account_id=account_id, kind=account.kind.value
            )
            use = self.accounts.use(book.desk, book.desk)
            self.facts.commit([self.accounts.remove(removed), use], event)
            return removed

        return on_fresh_state(attempt, self.pause)

    def _made(
        self, user_id: str, wish: Destination, holder_name: str, told: list[Event]
    ) -> tuple[PayoutAccount, str, list[Write]]:
        holder = self._checked_holder(user_id, holder_name)
        fingerprint = self.fingerprint(wish.canonical)
        book = self.accounts.book(user_id)
        known = [one for one in book.active if one.fingerprint == fingerprint]
        if known:
            return known[0], known[0].account_id, []
        self._check_room(book)
        now = self.clock.now()
        account = PayoutAccount(
            user_id=user_id,
            account_id=self.ids.new(Kind.PAYOUT_ACCOUNT),
            kind=wish.kind,
            currency=wish.currency,
            country=wish.country,
            shown_as=wish.shown_as,
            fingerprint=fingerprint,
            usable_at=now + self.cooling,
            sealed=self.holders.seal(holder, self._details(holder, wish, holder_name)),
        )
        told.append(_added(account))
        logger("withdrawals").info("account added", extra={"account_id": account.account_id})
        writes = [self.accounts.add(account), self.accounts.use(book.desk, book.desk)]
        return account, account.account_id, writes

    def _checked_holder(self, user_id: str, holder_name: str) -> Holder:
        holder = self.holders.holder(user_id)
        if holder is None:
            raise NotFound(what="The person")
        name = self.holders.name(holder)
        if name is None:
            raise IdentityNeeded()
        if not same_person(name, holder_name):
            raise HolderNameMismatch()
        return holder

    def _check_room(self, book: AccountBook) -> None:
        begin = self.clock.now() - ADDED_WITHIN
        added = [one for one in book.accounts if one.created_at > begin]
        if len(book.active) >= ACCOUNTS_MAX or len(added) >= ADDED_MAX:
            raise TooManyAccounts(at_once=ACCOUNTS_MAX, added=ADDED_MAX, days=ADDED_WITHIN.days)

    def _details(self, holder: Holder, wish: Destination, holder_name: str) -> dict[str, str]:
        """What the gateway needs when it pays. The numbers of a bank stay with its gateway."""
        if wish.kind is AccountKind.MPESA or wish.country is None:
            return dict(wish.numbers)
        country = BANK_COUNTRIES[wish.country]
        registered = self.banks().register(
            holder.user_id, country.code, wish.currency.value, holder_name, wish.numbers
        )
        return dict(registered)

    def _in_use(self, desk: Desk, account_id: str) -> bool:
        used = [one.payout_id for one in desk.asked if one.account_id == account_id]
        known = self.outgoing.known(desk.user_id, used)
        return any(payout.status not in ENDED for payout in known.values())

    def _account(self, user_id: str, account_id: str) -> PayoutAccount:
        found = self.accounts.get(user_id, account_id)
        if found is None:
            raise NotFound(what="The payout account")
        return found


def _destination(phone: str | None, bank: BankNumbers | None) -> Destination:
    if phone is not None and bank is None:
        return mpesa_destination(phone)
    if bank is not None and phone is None:
        return bank_destination(bank)
    raise InvalidValue(field="phone", reason="must be given, or a bank, and not both")


def _added(account: PayoutAccount) -> PayoutAccountAddedV1:
    return PayoutAccountAddedV1(
        user_id=account.user_id,
        account_id=account.account_id,
        kind=account.kind.value,
        usable_at=account.usable_at,
    )
