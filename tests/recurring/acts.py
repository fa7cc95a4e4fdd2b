"""What befalls a charge that nobody waits for: at gateways, on the way, and by crashes."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from shared.kernel.errors import BaobabError
from shared.payments.ports import Failed, Lapsed, NoAnswer, Paid
from shared.payments.reasons import Reason
from shared.payments.settlement import LATE, Hint
from shared.payments.states import CREDITED


class Acts:
    """One step after another, as deliveries and people do, on a scene: a world of payments, a
    clock, and messages that are swept, delivered and checked."""

    def __init__(self, scene: Any, *, card: bool) -> None:
        self.scene, self.card, self.count = scene, card, 0
        self.seen: list[Any] = []

    def act(self, step: str) -> None:
        self.count += 1
        with suppress(BaobabError, RuntimeError):
            getattr(self, f"do_{step}")()
        self.scene.world.rate()

    def made(self) -> list[Any]:
        """Deposits that these charges made, the newest first."""
        return self.scene.made()

    @property
    def latest(self) -> Any:
        return next(iter(self.made()), None)

    def do_minutes(self) -> None:
        self.scene.clock.advance(timedelta(minutes=7))

    def do_hour(self) -> None:
        self.scene.clock.advance(timedelta(hours=1, minutes=1))

    def do_days(self) -> None:
        self.scene.clock.advance(timedelta(days=2))

    def do_sweep(self) -> None:
        self.seen += self.scene.swept()
        self.scene.run()

    def do_checks(self) -> None:
        self.scene.checks()

    def do_again(self) -> None:
        """A message that was handled long ago is delivered once more."""
        for message in self.seen[-5:]:
            self.scene.deliver(message)

    def ends(self, outcome: Any) -> None:
        """The gateway knows the end of the newest charge."""
        if self.latest is not None and self.latest.status not in CREDITED:
            self.scene.world.gateways[self.latest.gateway].set(self.latest, outcome)

    def do_pay(self) -> None:
        if self.latest is not None:
            self.ends(Paid(f"paid-{self.latest.deposit_id}", self.latest.amount))

    def do_pay_late(self) -> None:
        """Any payment that no gateway has denied is proved, while gateways are still asked."""
        for deposit in self.made():
            vendor = self.scene.world.gateways[deposit.gateway]
            for reference, owner in vendor.owners.items():
                denied = isinstance(vendor.attempts[reference], Failed)
                in_time = self.scene.clock.now() < deposit.lapses_at + LATE
                if owner == deposit.deposit_id and not denied and in_time:
                    vendor.attempts[reference] = Paid(reference, deposit.amount)
                    with suppress(BaobabError):
                        self.scene.world.signal(deposit, Hint(reference))

    def do_fail(self) -> None:
        self.ends(Failed(Reason.INSUFFICIENT_FUNDS))

    def do_decline(self) -> None:
        self.ends(Failed(Reason.CANCELLED_BY_PAYER))

    def do_silence(self) -> None:
        self.ends(NoAnswer())

    def do_lapse(self) -> None:
        self.ends(Lapsed())

    def do_look(self) -> None:
        if self.latest is not None:
            self.scene.world.check(self.latest)

    def _vendor(self, how: str, times: int) -> None:
        script = self.scene.keeper.script if self.card else self.scene.push.start_script
        script[:] = [how] * times

    def do_not_sent(self) -> None:
        self._vendor("not_sent", 3)

    def do_no_word(self) -> None:
        self._vendor("no_word", 3)

    def do_refused(self) -> None:
        self._vendor("refused", 1)

    def do_die_at_gateway(self) -> None:
        self._vendor("crash_after", 1)

    def do_die_before(self) -> None:
        self.scene.world.facts.script = ["ok"] * (self.count % 3) + ["before"]

    def do_die_after(self) -> None:
        self.scene.world.facts.script = ["ok"] * (self.count % 3) + ["after"]
