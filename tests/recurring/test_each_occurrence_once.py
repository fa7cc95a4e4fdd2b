"""Whatever is repeated, lost, late or dies: one occurrence, one payment at most."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import BaobabError
from shared.payments.ports import Lapsed, Waiting
from shared.payments.states import CREDITED
from shared.recurring.dates import Frequency, Rule
from shared.recurring.model import Occurrence, OccurrenceStatus
from shared.recurring.retrying import RETRIES
from tests.recurring.acts import Acts
from tests.recurring.conftest import Orders

STEPS = st.sampled_from(
    [
        "minutes",
        "hour",
        "night",
        "days",
        "sweep",
        "sweep",
        "checks",
        "checks",
        "again",
        "pay",
        "fail",
        "decline",
        "silence",
        "lapse",
        "look",
        "pay_late",
        "not_sent",
        "no_word",
        "refused",
        "pause",
        "resume",
        "skip",
        "amount",
        "cancel",
        "die_before",
        "die_after",
        "die_at_gateway",
    ]
)


class Play(Acts):
    """Standing orders, and what people do with theirs."""

    def __init__(self, *, card: bool, rule: Rule) -> None:
        self.orders = Orders()
        super().__init__(self.orders, card=card)
        self.order = (self.orders.card_order if card else self.orders.order)(rule=rule)
        self.before = len(self.orders.made())
        self.attempts: dict[date, int] = {}

    def made(self) -> list[Any]:
        return self.orders.made()[: -self.before or None]

    def do_night(self) -> None:
        self.orders.clock.advance(timedelta(hours=11))

    def _person(self, act: str, **more: Any) -> None:
        service = self.orders.service
        where = (self.orders.user_id, self.order.schedule_id)
        getattr(service, act)(*where, key=f"{act}-{self.count}", **more)

    def do_pause(self) -> None:
        self._person("pause_order")

    def do_resume(self) -> None:
        self._person("resume")

    def do_skip(self) -> None:
        self._person("skip_next")

    def do_cancel(self) -> None:
        if self.count % 5 == 0:
            self._person("cancel")

    def do_amount(self) -> None:
        more = type(self.order.amount)(self.order.amount.minor + 100, self.order.amount.currency)
        self._person("change", amount=more)

    def occurrences(self) -> tuple[Occurrence, ...]:
        found = self.orders.store.occurrences(
            self.orders.user_id, self.order.schedule_id, limit=100
        )
        return found.occurrences

    def check(self) -> None:
        made = {one.deposit_id: one for one in self.orders.made()[: len(self.orders.made())]}
        days = self.occurrences()
        assert len({one.on for one in days}) == len(days)
        named: list[str] = []
        for one in days:
            mine = [each.deposit_id for each in one.tries if each.deposit_id]
            mine += [one.deposit_id] if one.deposit_id and one.deposit_id not in mine else []
            named += mine
            credited = [each for each in mine if made[each].status in CREDITED]
            assert len(credited) <= 1
            if one.status is OccurrenceStatus.PAID:
                assert credited == [one.deposit_id]
            assert one.attempt <= len(RETRIES[self.order.method]) + 1
            assert one.attempt >= self.attempts.get(one.on, 0) - 1
            self.attempts[one.on] = one.attempt
            settled = one.status in (OccurrenceStatus.PAID, OccurrenceStatus.SKIPPED)
            assert (one.due is None) == settled
        # No deposit belongs to two days, and no day was asked for twice at the gateway.
        assert len(set(named)) == len(named)
        vendor = self.orders.keeper.gateway if self.card else self.orders.push
        asked = [owner for owner in vendor.owners.values() if owner in named]
        assert len(asked) == len(set(asked))

    def end(self) -> None:
        """Nothing breaks any more: everything that was begun comes to an end."""
        self.orders.world.facts.script = []
        self.orders.keeper.script[:] = []
        self.orders.push.start_script[:] = []
        with suppress(BaobabError):
            self._person("cancel")
        attempts = self.orders.keeper.gateway.attempts
        attempts |= {name: Lapsed() for name, one in attempts.items() if isinstance(one, Waiting)}
        for _ in range(12):
            self.orders.clock.advance(timedelta(hours=13))
            self.orders.world.rate()
            for deposit in self.made():
                with suppress(BaobabError):
                    self.orders.world.check(deposit)
            self.orders.queue.sent.clear()
            self.orders.run()
            self.orders.checks()
        open_still = (OccurrenceStatus.WAITING, OccurrenceStatus.CHARGING)
        assert [one for one in self.occurrences() if one.status in open_still] == []
        assert self.orders.swept() == []


@given(
    card=st.booleans(),
    rule=st.sampled_from([Rule(Frequency.WEEKLY, 6), Rule(Frequency.MONTHLY, 31)]),
    steps=st.lists(STEPS, min_size=5, max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_each_occurrence_is_paid_once_at_most_and_ends(
    card: bool, rule: Rule, steps: list[str]
) -> None:
    play = Play(card=card, rule=rule)
    for step in steps:
        play.act(step)
        play.check()
    play.end()
    play.check()
