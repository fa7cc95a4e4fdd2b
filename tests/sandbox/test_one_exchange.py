"""What both brokers show is one exchange."""

from decimal import Decimal

from sandbox.alpaca.state import State as Alpaca
from sandbox.config import SandboxConfig
from sandbox.context import Sandbox
from sandbox.ibkr.state import State as InteractiveBrokers


def test_a_price_that_moves_off_its_history_does_so_at_every_broker() -> None:
    sandbox = Sandbox(SandboxConfig())
    first, second = Alpaca(sandbox).market, InteractiveBrokers(sandbox).market
    before = second.published("QUAL").price
    assert first.published("QUAL").price == before
    first.shock("QUAL", Decimal("0.5"))
    after = second.published("QUAL").price
    assert abs(after - before / 2) <= Decimal("0.01")
    assert first.published("QUAL").price == after
    assert second.published("MTUM").price == first.published("MTUM").price
    # A halt is a broker's own.
    first.halt("QUAL")
    assert (list(first.halted), list(second.halted)) == (["QUAL"], [])


def test_whoever_forgets_everything_forgets_what_moved_too() -> None:
    sandbox = Sandbox(SandboxConfig())
    first, second = Alpaca(sandbox), InteractiveBrokers(sandbox)
    before = second.market.published("QUAL").price
    first.market.shock("QUAL", Decimal("0.5"))
    first.reset()
    assert second.market.published("QUAL").price == before
