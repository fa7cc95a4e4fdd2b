"""Somebody does something about one person's money, or time passes: one step of any story."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.kernel.errors import BaobabError, IllegalTransition
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.ledger.model import EntryKind
from shared.payments.methods import Gateway
from shared.payments.ports import Failed, Paid
from shared.payments.reasons import Reason
from shared.payments.routing import TRIES
from shared.payments.settlement import Hint
from shared.payouts.making import new_withdrawal
from shared.payouts.model import Purpose, Rail
from shared.payouts.ports import CameBack, NotPaid, PaidOut, Taken
from shared.payouts.reasons import PayoutReason
from shared.platform.work import ConditionFailed
from tests.money.conftest import Everything
from tests.payments.twins import Crash as PaymentsCrash
from tests.payouts.twins import Crash as PayoutsCrash

D = DisputeStatus
DEAD = (PaymentsCrash, PayoutsCrash, BaobabError, ConditionFailed)
"""What ends a process, or a delivery: the message comes again."""


class Play:
    """Each step is something that somebody, or time, does; ``which`` chooses of what there is."""

    def __init__(self, world: Everything) -> None:
        self.world, self.made = world, 0
        self.paid: dict[tuple[Gateway, str], Money] = {}
        """What gateways took for us, by the payment's name."""
        self.readings: dict[str, Reading] = {}
        self.said: list[Reading] = []
        self.told: list = []

    def act(self, step: str, which: int) -> None:
        with suppress(*DEAD):
            try:
                getattr(self, step)(which)
            except IllegalTransition as never:
                raise AssertionError("a message asked for an impossible move") from never
        self.holds_always()

    def deposits(self):
        return self.world.service.page(self.world.user_id, limit=50).deposits

    def payouts(self):
        return list(self.world.payouts.page(self.world.user_id, limit=200)[0])

    def disputes(self):
        of_deposit, user_id = self.world.disputes.of_deposit, self.world.user_id
        return [each for one in self.deposits() for each in of_deposit(user_id, one.deposit_id)]

    def card(self, which):
        self.made += 1
        self.world.card(amount=("100.00", "33.33")[which % 2], key=f"key-{self.made:08}")

    def card_twice_begun(self, which):
        self.world.gateways[Gateway.STRIPE].start_script = ["no_word"] * TRIES
        self.card(which)

    def mpesa(self, which):
        self.made += 1
        self.world.mpesa(key=f"key-{self.made:08}")

    def attempts(self):
        """What can still be paid: gateway, its reference, and the deposit."""
        known = {one.deposit_id: one for one in self.deposits()}
        return [
            (name, reference, known[owner])
            for name, gateway in self.world.gateways.items()
            for reference, owner in gateway.owners.items()
            if not isinstance(gateway.attempts[reference], Paid | Failed)
            and gateway.attempts[reference].__class__.__name__ == "Waiting"
        ]

    def pay(self, which):
        for name, reference, deposit in self._one(self.attempts(), which):
            payment = f"{name.value}-{reference}"
            self.paid[name, payment] = deposit.amount
            self.world.gateways[name].attempts[reference] = Paid(payment, deposit.amount)
            self.hint(name, reference, deposit)

    def decline(self, which):
        for name, reference, deposit in self._one(self.attempts(), which):
            self.world.gateways[name].attempts[reference] = Failed(Reason.DECLINED)
            self.hint(name, reference, deposit)

    def hint(self, name, reference, deposit):
        receipt = f"RCPT{reference.replace('_', '').upper()}" if name is Gateway.MPESA else None
        hint = Hint(reference, receipt=receipt)
        self.world.settlement.signalled(deposit.user_id, deposit.deposit_id, hint, name)

    def event(self, which):
        for one in self._one(self.world.undelivered(), which):
            self.world.deliver(one)

    def repeat_event(self, which):
        for one in self._one(self.world.events_told(), which):
            self.world.deliver(one)

    def check(self, which):
        self.told += self.world.checks_waiting()
        for one in self._one(self.told, which):
            self.world.answer(one)

    def reserve(self, which):
        wallet = self.world.wallet()
        minor = min(wallet.available, 1_000 * (which + 1))
        if minor > 0 and not wallet.owed and not wallet.open_orders:
            self.world.commit(self.world.ledger.reserve(wallet, minor, orders=1))
            self.world.reserved.append(minor)

    def fill(self, which):
        for minor in self._one(self.world.reserved, which):
            self.world.trade(EntryKind.BUY, minor - minor // 7, reserved=minor)
            self.world.reserved.remove(minor)

    def release(self, which):
        for minor in self._one(self.world.reserved, which):
            wallet = self.world.wallet()
            self.world.commit(self.world.ledger.release(wallet, minor, orders=1))
            self.world.reserved.remove(minor)

    def sell(self, which):
        if self.world.shares > 0:
            self.world.trade(EntryKind.SELL, -min(self.world.shares, 1_500 * (which + 1)))

    def withdraw(self, which):
        world, minor = self.world, 900 * (which + 1)
        payout = new_withdrawal(
            user_id=world.user_id,
            payout_id=world.ids.new(Kind.PAYOUT),
            rail=(Rail.STRIPE_PAYOUT, Rail.MPESA_B2C)[which % 2],
            debited=Money(minor, Currency.USD),
            amount=Money(minor, Currency.USD),
            quote=None,
            account_id="pac_1",
            shown_as="****",
            at=world.clock.now(),
        )
        writes, event = world.requests.writes(payout, world.wallet())
        world.facts.commit(writes, event)

    def refund(self, which):
        for deposit in self._one(self.deposits(), which):
            part = Money(deposit.amount.minor // 3, deposit.amount.currency)
            amount = part if which % 2 else None
            self.made += 1
            key, refunds = f"refund-{self.made:08}", self.world.refunds
            refunds.request(self.world.user_id, key, deposit.deposit_id, amount)

    def cancel(self, which):
        mine = [one for one in self.payouts() if one.purpose is Purpose.WITHDRAWAL]
        for payout in self._one(mine, which):
            self.world.requests.cancel(self.world.user_id, payout.payout_id)

    def open_dispute(self, which):
        for (name, payment), amount in self._one(sorted(self.paid.items()), which):
            reference = f"dp{which % 2}-{payment}"
            if name is not Gateway.MPESA and reference not in self.readings:
                part = replace(amount, minor=amount.minor // 2) if which % 3 == 0 else amount
                self.tell(Reading(name, reference, payment, part, D.OPEN, True, step=2))

    def win(self, which):
        self.decide(which, D.WON)

    def lose(self, which):
        self.decide(which, D.LOST)

    def decide(self, which, status):
        undecided = [one for one in self.readings.values() if one.status is D.OPEN]
        for one in self._one(undecided, which):
            self.tell(replace(one, status=status, taken=status is D.LOST, step=3))

    def think_again(self, which):
        """The bank decides otherwise than it has."""
        decided = [one for one in self.readings.values() if one.status in (D.WON, D.LOST)]
        for one in self._one(decided, which):
            status = D.WON if one.status is D.LOST else D.LOST
            self.tell(replace(one, status=status, taken=status is D.LOST, step=one.step + 1))

    def older_news(self, which):
        """What a gateway said before it thought again arrives after it."""
        for one in self._one(self.said, which):
            self.world.disputing.proved(one)

    def tell(self, reading):
        self.readings[reading.reference] = reading
        self.said.append(reading)
        self.world.desk.readings[reading.reference] = reading
        self.world.disputing.proved(reading)

    def orders(self, *kinds):
        return [
            (rail, reference)
            for rail in self.world.rails.values()
            for reference, outcome in rail.orders.items()
            if isinstance(outcome, kinds)
        ]

    def pay_out(self, which):
        for rail, reference in self._one(self.orders(Taken), which):
            self.news(rail, reference, PaidOut(reference, rail.amounts[reference]))

    def do_not_pay_out(self, which):
        for rail, reference in self._one(self.orders(Taken), which):
            self.news(rail, reference, NotPaid(PayoutReason.GATEWAY_REFUSED))

    def send_back(self, which):
        keeping = [one for one in self.orders(PaidOut) if one[0].keeps_keys]
        for rail, reference in self._one(keeping, which):
            self.news(rail, reference, CameBack(PayoutReason.RETURNED_BY_BANK))

    def news(self, rail, reference, outcome):
        rail.orders[reference] = outcome
        self.world.sending.told(self.world.user_id, rail.made[reference], outcome)

    def collect(self, _):
        self.world.collecting.freed(self.world.user_id, "asked")

    def time(self, which):
        self.world.clock.advance(timedelta(minutes=3 * 4**which))

    def sweep(self, _):
        self.world.sweep()

    def die_before(self, _):
        self.world.facts.script = ["before"]

    def die_after(self, which):
        self.world.facts.script = ["ok"] * (which % 3) + ["after"]

    def broker_dies(self, which):
        script = [("lost_answer", "crash_after", "down")[which % 3]]
        self.world.broker.script, self.world.recalls.script = list(script), list(script)

    def broker_refuses(self, _):
        self.world.broker.script, self.world.recalls.script = ["refused"], ["refused"]

    def rail_dies(self, which):
        for rail in self.world.rails.values():
            rail.script = [("crash_after", "silence", "never_sent")[which % 3]]

    @staticmethod
    def _one(things, which):
        things = list(things)
        return [things[which % len(things)]] if things else []

    def holds_always(self):
        wallet = self.world.wallet()
        least = min(wallet.posted, wallet.held, wallet.available, wallet.blocks, wallet.owed)
        assert least >= 0, wallet
        for rail in self.world.rails.values():
            assert max(Counter(rail.made.values()).values(), default=0) <= 1

    def drain(self) -> None:
        """Every message arrives in the end, gateways decide, and time passes."""
        world = self.world
        world.facts.script.clear()
        world.broker.script.clear()
        world.recalls.script.clear()
        for gateway in world.gateways.values():
            gateway.start_script.clear()
        for _ in range(14):
            for rail in world.rails.values():
                rail.script.clear()
            world.rate()
            self._news_again()
            for message in [*world.checks_waiting(), *self.told]:
                world.answer(message)
            self.told.clear()
            for event in world.undelivered():
                world.deliver(event)
            world.clock.advance(timedelta(hours=3))
            world.sweep()

    def _news_again(self) -> None:
        known = {one.deposit_id: one for one in self.deposits()}
        for name, gateway in self.world.gateways.items():
            for reference, owner in gateway.owners.items():
                self.hint(name, reference, known[owner])
        for rail, reference in self.orders(Taken):
            rail.orders[reference] = PaidOut(reference, rail.amounts[reference])
        for rail in self.world.rails.values():
            for reference, outcome in rail.orders.items():
                self.world.sending.told(self.world.user_id, rail.made[reference], outcome)
        for reading in self.readings.values():
            self.tell(reading)
