"""Whether the books balance, and say the same as the broker's: to the cent and the nano-share."""

from dataclasses import dataclass, field
from decimal import Decimal

from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Entry, broken_link, fold
from shared.portfolio.lots import cost_of, nanos_of
from tools.backtest.account import Account
from tools.backtest.broker import PaperFees

PAGE = 1_000


class BooksDiffer(AssertionError):
    """Two accounts of the same thing are not equal."""


@dataclass(slots=True)
class Auditor:
    """Reads the journal on from where it stopped, and compares balances with all that has them."""

    account: Account
    fees: PaperFees
    paid_in: int = 0
    """Cents of all deposits."""
    seq: int = 0
    audits: int = 0
    _entries: list[Entry] = field(default_factory=list)
    _hashes: list[str] = field(default_factory=list)

    def audit(self) -> None:
        """Raises BooksDiffer with both numbers."""
        self._read_on()
        found, user = fold(self._entries), self.account.user_id
        usd = Currency.USD.asset
        assets: dict[str, int] = {}
        for (_, asset), amount in found.items():
            assets[asset] = assets.get(asset, 0) + amount
        for asset, total in assets.items():
            _same(f"sum of {asset}", total, 0)
        wallet = self.account.wallet
        _same("cash", wallet.posted, -found.get((accounts.customer_cash(user), usd), 0))
        # To the last fraction of a cent, of which less than one is not booked.
        _same("cash at the broker", wallet.posted + wallet.fraction, self.account.broker.cash)
        _same("whole cents that are not booked", int(wallet.fraction // 1), 0)
        _same("cash that is held", wallet.held, 0)
        _same("fees", wallet.fees, self.fees.paid)
        income = -found.get((accounts.management_fees(), usd), 0)
        _same("income from fees", income, self.fees.paid)
        self._shares(found)
        # Cost of what is held, and cash, came from deposits, gains and fees.
        state = self.account.portfolio.state(user)
        _same("what was paid in", state.net_deposits.minor, self.paid_in)
        self.audits += 1

    def _read_on(self) -> None:
        page = self.account.ledger.entries(self.account.user_id, Currency.USD, limit=PAGE)
        newer = [one for one in page.entries if one.entry.seq > self.seq]
        if newer and min(one.entry.seq for one in newer) != self.seq + 1:
            raise BooksDiffer("more entries since the last audit than a page has")
        for one in reversed(newer):
            self._entries.append(one.entry)
            self._hashes.append(one.hash)
        self.seq = len(self._entries)
        _same("broken link", broken_link(self._entries, self._hashes) or 0, 0)

    def _shares(self, found: dict[tuple[str, str], int]) -> None:
        user, account = self.account.user_id, self.account
        positions = account.portfolio.state(user).positions
        for symbol in {*positions, *account.broker.nanos}:
            position = positions.get(symbol)
            held = 0 if position is None else position.quantity_nanos
            asset = f"{symbol}/9"
            booked = -found.get((accounts.customer_shares(user), asset), 0)
            _same(f"{symbol} in the journal", held, booked)
            _same(f"{symbol} at the broker", held, account.broker.nanos[symbol])
            if position is not None:
                _same(f"{symbol} in lots", held, nanos_of(position.lots))
                _same(f"cost of {symbol}", position.cost_minor, cost_of(position.lots))
                _same(f"{symbol} owed", position.owed_nanos, 0)


def _same(what: str, one: int | Decimal, other: int | Decimal) -> None:
    if one != other:
        raise BooksDiffer(f"{what}: {one} and {other}")
