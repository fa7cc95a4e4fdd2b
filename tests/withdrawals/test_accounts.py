"""Payout accounts: in the person's own name, few, known again, and forgotten when removed."""

from datetime import timedelta

import pytest

from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.payouts.model import PayoutStatus
from shared.payouts.returning import PayeeStopped
from shared.payouts.states import PayoutMove
from shared.platform.tables import Key, Table
from shared.platform.work import ConditionFailed
from shared.withdrawals.destinations import BankNumbers
from shared.withdrawals.errors import (
    AccountInUse,
    HolderNameMismatch,
    IdentityNeeded,
    TooManyAccounts,
)
from shared.withdrawals.model import ACCOUNTS_MAX, ADDED_MAX, AccountKind, AccountStatus
from tests.withdrawals.conftest import AMERICAN, COOLING, DOWN, GERMAN, NOW, Crash, World

ADDED = "withdrawals.payout_account_added.v1"
REMOVED = "withdrawals.payout_account_removed.v1"


def nothing_happened(world: World) -> bool:
    book = world.accounts.book(world.user_id)
    return (book.accounts, book.desk.version, world.facts.published) == ((), 0, [])


def test_a_phone_is_added_and_cools_off(world: World) -> None:
    account = world.phone()
    assert world.accounts.book(world.user_id).accounts == (account,)
    assert (account.kind, account.currency) == (AccountKind.MPESA, Currency.KES)
    assert account.usable_at == NOW + COOLING
    assert world.events() == [ADDED]
    details = world.destinations.details(world.user_id, account.account_id)
    assert details == {"phone": "254712345678"}
    assert world.banks.asked == []


def test_a_bank_account_is_known_to_its_gateway_and_its_numbers_are_not_kept(world: World) -> None:
    account = world.bank()
    assert (account.currency, account.country) == (Currency.EUR, "DEU")
    assert world.banks.asked == [(world.user_id, "DE", "EUR", "Amina Wanjiru Otieno")]
    assert world.destinations.details(world.user_id, account.account_id) == {
        "stripe_account": "acct_1",
        "external_account": "ba_1",
    }


def test_of_the_numbers_nothing_readable_is_stored(world: World) -> None:
    phone, bank = world.phone(), world.bank(key="key-2")
    for account in (phone, bank):
        key = Key(
            Table.CORE, f"USER#{world.user_id}", f"OUT#ACCOUNT#{account.account_id.split('_')[2]}"
        )
        text = str(world.database.get_many([key])[key].attributes)
        for secret in ("254712345678", "712345678", "DE89", "370400440532013000", "Otieno", "ba_1"):
            assert secret not in text
        assert len(text) < 1500


@pytest.mark.parametrize(
    "name", ["Otieno Amina", "AMINA OTIENO", "amina wanjiru", "Amina Wanjiru Otieno Atieno"]
)
def test_other_spellings_of_the_own_name_are_taken(memory: World, name: str) -> None:
    assert memory.phone(name=name).active


@pytest.mark.parametrize("name", ["Juma Otieno", "Amina", "Otieno", "A. Otieno", "Acme Ltd", "-"])
def test_an_account_of_somebody_else_is_refused_and_no_name_is_told(
    memory: World, name: str
) -> None:
    for add in (memory.phone, memory.bank):
        with pytest.raises(HolderNameMismatch) as refused:
            add(name=name)
        told = refused.value.message() + refused.value.message("sw") + str(refused.value.values)
        assert "Amina" not in told
        assert "Wanjiru" not in told
    assert nothing_happened(memory)
    assert memory.banks.asked == []


@pytest.mark.parametrize(
    "row", [{"kyc_status": "IN_REVIEW"}, {"kyc_status": "REJECTED"}, {"status": "SUSPENDED"}]
)
def test_nobody_is_paid_out_to_before_their_identity_is_approved(
    memory: World, row: dict[str, str]
) -> None:
    memory.person(**row)
    with pytest.raises(IdentityNeeded):
        memory.phone()
    assert nothing_happened(memory)


def test_an_approved_identity_without_names_proves_none(memory: World) -> None:
    memory.person(given="", family="")
    with pytest.raises(IdentityNeeded):
        memory.phone()
    assert nothing_happened(memory)


def test_the_same_account_is_the_same_whoever_spells_it_and_does_not_cool_off_again(
    world: World,
) -> None:
    first = world.phone()
    world.clock.advance(timedelta(hours=5))
    again = world.phone("0712 345 678", key="key-2")
    assert again == first
    # The second key belongs to it as well, for ever.
    assert world.phone("254712345678", key="key-2") == first
    assert world.accounts.book(world.user_id).accounts == (first,)
    assert world.events() == [ADDED]


def test_one_key_is_one_account(world: World) -> None:
    first = world.phone()
    assert world.phone() == first
    for other in (
        lambda: world.phone("+254712345679"),
        lambda: world.phone(name="Juma Otieno"),
        world.bank,
    ):
        with pytest.raises(IdempotencyKeyReused):
            other()
    assert world.accounts.book(world.user_id).accounts == (first,)
    assert world.banks.asked == []


def test_a_phone_or_a_bank_and_not_both(memory: World) -> None:
    add = memory.keeping.add
    for phone, bank in ((None, None), ("+254712345678", GERMAN)):
        with pytest.raises(InvalidValue):
            add(memory.user_id, idempotency_key="k", holder_name="A O", phone=phone, bank=bank)
    assert nothing_happened(memory)


def test_a_gateway_that_does_not_answer_leaves_the_key_free(memory: World) -> None:
    memory.banks.script.append(DOWN())
    with pytest.raises(DOWN):
        memory.bank()
    assert nothing_happened(memory)
    assert memory.bank().active


@pytest.mark.parametrize("moment", ["before", "after"])
def test_after_a_crash_the_same_key_gives_the_one_account(memory: World, moment: str) -> None:
    memory.facts.script.append(moment)
    with pytest.raises(Crash):
        memory.bank()
    account = memory.bank()
    assert memory.accounts.book(memory.user_id).accounts == (account,)
    assert memory.events() == [ADDED]
    assert len(memory.banks.known) == 1


def test_there_are_few_accounts_at_once(memory: World) -> None:
    for number in range(ACCOUNTS_MAX):
        memory.phone(f"+25471234567{number}", key=f"k-{number}")
    with pytest.raises(TooManyAccounts):
        memory.bank(key="more")
    assert memory.banks.asked == []
    memory.phone("+254712345670", key="known")
    assert len(memory.accounts.book(memory.user_id).active) == ACCOUNTS_MAX
    oldest = memory.accounts.book(memory.user_id).active[0]
    memory.keeping.remove(memory.user_id, oldest.account_id)
    assert memory.bank(key="more").active


def test_money_does_not_go_round_many_accounts(memory: World) -> None:
    for number in range(ADDED_MAX):
        account = memory.phone(f"+25471234560{number}", key=f"k-{number}")
        memory.keeping.remove(memory.user_id, account.account_id)
    with pytest.raises(TooManyAccounts):
        memory.phone(key="more")
    memory.clock.advance(timedelta(days=31))
    assert memory.phone(key="more").active


def test_a_removed_account_is_forgotten_and_may_come_back_as_a_new_one(world: World) -> None:
    account = world.phone()
    removed = world.keeping.remove(world.user_id, account.account_id)
    assert (removed.status, removed.sealed, removed.removed_at) == (
        AccountStatus.REMOVED,
        None,
        NOW,
    )
    assert world.accounts.get(world.user_id, account.account_id) == removed
    with pytest.raises(NotFound):
        world.destinations.details(world.user_id, account.account_id)
    assert world.keeping.remove(world.user_id, account.account_id) == removed
    assert world.events() == [ADDED, REMOVED]
    # The key of then still names the account of then.
    assert world.phone() == removed
    world.clock.advance(timedelta(hours=1))
    back = world.phone(key="key-2")
    assert back.account_id != account.account_id
    assert back.usable_at == NOW + timedelta(hours=1) + COOLING


@pytest.mark.parametrize(
    "row", [{"status": "SUSPENDED"}, {"status": "CLOSED"}, {"kyc_status": "IN_REVIEW"}], ids=str
)
def test_numbers_of_somebody_whom_staff_stopped_are_not_opened(
    world: World, row: dict[str, str]
) -> None:
    account = world.phone()
    world.person(**row)
    with pytest.raises(PayeeStopped):
        world.destinations.details(world.user_id, account.account_id)


@pytest.mark.parametrize("account_id", ["", "nonsense", "pac_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_what_is_not_there_cannot_be_removed(memory: World, account_id: str) -> None:
    with pytest.raises(NotFound):
        memory.keeping.remove(memory.user_id, account_id)
    with pytest.raises(NotFound):
        memory.destinations.details(memory.user_id, memory.ids.new(Kind.PAYOUT_ACCOUNT))
    assert nothing_happened(memory)


def test_somebody_elses_account_is_not_there(memory: World) -> None:
    account = memory.phone()
    stranger = memory.ids.new(Kind.USER)
    with pytest.raises(NotFound):
        memory.keeping.remove(stranger, account.account_id)
    assert memory.accounts.book(memory.user_id).active == (account,)


def test_an_account_that_is_being_paid_to_stays(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(50_000)
    payout = memory.withdraw(account)
    other = memory.bank(AMERICAN, key="other")
    with pytest.raises(AccountInUse):
        memory.keeping.remove(memory.user_id, account.account_id)
    assert memory.keeping.remove(memory.user_id, other.account_id).sealed is None
    sending = memory.save(payout, payout.moved(PayoutStatus.RECALLING, NOW))
    with pytest.raises(AccountInUse):
        memory.keeping.remove(memory.user_id, account.account_id)
    for status in (PayoutStatus.RECALLED, PayoutStatus.SENDING, PayoutStatus.PAID):
        sending = memory.save(sending, sending.moved(status, NOW))
    assert sending.moves[-1] == PayoutMove(PayoutStatus.PAID, NOW)
    assert not memory.keeping.remove(memory.user_id, account.account_id).active


def test_whoever_comes_to_the_desk_second_decides_again(world: World) -> None:
    """Two at once, each of whom read that there is room for one more."""
    stale = world.accounts.book(world.user_id)
    account = world.phone()
    with pytest.raises(ConditionFailed) as failed:
        world.facts.commit([world.accounts.use(stale.desk, stale.desk)])
    assert "desk" in failed.value.found
    stale = world.accounts.book(world.user_id)
    world.keeping.remove(world.user_id, account.account_id)
    with pytest.raises(ConditionFailed) as failed:
        world.facts.commit([world.accounts.use(stale.desk, stale.desk)])
    assert failed.value.found.keys() == {"desk"}


def test_a_bank_that_we_do_not_pay_to_is_refused_before_anything_is_asked(memory: World) -> None:
    with pytest.raises(InvalidValue):
        memory.bank(BankNumbers("GBR", "GB29NWBK60161331926819"))
    assert memory.banks.asked == []
    assert nothing_happened(memory)
