"""Hundreds of people who have held something for years: their rows as the platform's own stores
write them, and their accounts at the broker, all in a few seconds."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
from botocore.config import Config

from shared.investing.model import Order, Side
from shared.investing.store import InvestingStore
from shared.kernel.clock import SystemClock
from shared.kernel.ids import Kind, UlidIds
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, fold
from shared.ledger.store import LedgerStore, WalletRow
from shared.market_data.calendar import previous_session
from shared.market_data.store import MarketStore, quote_key
from shared.market_data.universe import SYMBOLS
from shared.platform import keys
from shared.platform.dynamo import DynamoDatabase
from shared.platform.indexes import SEGMENTS, segment_of
from shared.platform.outbox import Facts
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import CheckMessage, encode
from shared.platform.tables import Put, Table, Update
from shared.portfolio.model import BASE, Position
from shared.portfolio.store import PortfolioStore
from shared.portfolio.valuation import drift
from shared.rebalancing.model import Run
from shared.rebalancing.store import RunStore, SweepStore
from shared.users.store import ProfileRow
from tests.journeys.test_market_hours import BROKER, Market
from tools.journey.client import wait_for
from tools.stack import Endpoints

AT_ONCE = 12
CASH = 10_000
"""Cents that everybody has."""
_READY = {
    "status": "ACTIVE",
    "language": "en",
    "kyc_status": "APPROVED",
    "broker_status": "ACTIVE",
}


@dataclass(frozen=True, slots=True, eq=False)
class Townsman:
    """Somebody and their account at the broker; what is planted in it in nano-shares."""

    user_id: str
    account_id: str
    shares: Mapping[str, int]


class Town:
    """People of one stack, and what became of them."""

    def __init__(
        self, endpoints: Endpoints, aws: Callable[[str], Any], market: Market, cell: str
    ) -> None:
        self._aws, self._market, self._sandbox = aws, market, market.sandbox
        tables = {one: endpoints.outputs[f"{one.value.capitalize()}Table"] for one in Table}
        self.tables = tables
        self._client = boto3.client(
            "dynamodb",
            endpoint_url=endpoints.aws,
            config=Config(max_pool_connections=AT_ONCE, retries={"total_max_attempts": 5}),
        )
        self.database = DynamoDatabase(tables, self._client)
        self.clock = SystemClock()
        self._ids = UlidIds(cell, self.clock)
        self.facts = Facts(self.database, self.clock, self._ids)
        self.ledger, self.positions = LedgerStore(self.database), PortfolioStore(self.database)
        self.runs, self.orders_kept = RunStore(self.database), InvestingStore(self.database)
        self.sweeps = SweepStore(self.database, self.clock)
        settings = aws("lambda").get_function_configuration(FunctionName="baobab-local-notify")
        key = settings["Environment"]["Variables"]["PERSONAL_DATA_KEY"]
        self._personal = KmsPersonalData(key, aws("kms"))
        self.people: list[Townsman] = []
        self._mark = secrets.token_hex(4)

    def today(self) -> date:
        """The exchange's day."""
        return datetime.fromisoformat(self._market.hours()["timestamp"]).date()

    def last_session_of_the_month(self) -> date:
        """On to half an hour into it. The last prices of another season are forgotten: a jump is
        in doubt for minutes."""
        now = max(datetime.fromisoformat(self._market.hours()["timestamp"]), datetime.now(UTC))
        after = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)
        if previous_session(after).day <= now.date():
            after = (after + timedelta(days=32)).replace(day=1)
        self._market._move(previous_session(after).open.isoformat())
        self.forget_quotes()
        return self.today()

    def forget_quotes(self) -> None:
        """Those who come after find no price of another season either, and new ones of this."""
        for item in self.database.query(Table.MARKET, "QUOTES", "0", "~").items:
            key = {"pk": {"S": item.pk}, "sk": {"S": item.sk}}
            self._client.delete_item(TableName=self.tables[Table.MARKET], Key=key)

        def refreshed() -> bool:
            # Whoever asks again within two seconds gets nothing newer.
            self._market.refresh()
            return self.prices(SYMBOLS).keys() == set(SYMBOLS)

        wait_for("prices", refreshed, seconds=20)

    def prices(self, symbols: Iterable[str]) -> Mapping[str, Decimal]:
        """As the platform knows them."""
        view = MarketStore(self.database).read([quote_key(each) for each in symbols])
        return {symbol: quote.price.value for symbol, quote in view.quotes.items()}

    def settle(self, wanted: Sequence[Mapping[str, int]], score: int) -> list[Townsman]:
        """People with these nano-shares, and a hundred dollars, for a year."""
        emails = [f"old.{self._mark}.{n}@example.com" for n in range(len(wanted))]
        settlers = [
            {
                "email": email,
                "cash": str(Decimal(CASH) / 100),
                "shares": {name: str(Decimal(nanos) / 10**9) for name, nanos in shares.items()},
            }
            for email, shares in zip(emails, wanted, strict=True)
        ]
        made = self._sandbox.post("/_control/alpaca/settlers", {"settlers": settlers})
        named = zip(emails, made["account_ids"], wanted, strict=True)
        self.people = self.each(lambda one: self._settle(*one, score), named)
        return self.people

    def each[A, B](self, work: Callable[[A], B], things: Iterable[A]) -> list[B]:
        """The results, in order."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(work, things))

    def _settle(self, email: str, account: str, shares: Mapping[str, int], score: int) -> Townsman:
        user = self._ids.new(Kind.USER)
        sealed = self._personal.seal({"email": email}, subject=user)
        profile = ProfileRow(
            pk=keys.user(user),
            sk=keys.PROFILE,
            risk_score=score,
            broker_account_id=account,
            wrapped_key=sealed.wrapped_key,
            personal=sealed.ciphertext,
            segment=segment_of(user),
            **_READY,
        )
        bought = [
            Position(user, name).buy("ord_t1_00001", date(2025, 1, 2), nanos, 100_000)
            for name, nanos in shares.items()
        ]
        rows = [self.positions.save(each) for each in bought]
        self.facts.commit([Put.new("profile", profile), *self.ledger.open(user)])
        wallet = self.ledger.wallet(user, BASE)
        draft = self._opening(user, shares)
        self.facts.commit([*rows, *self.ledger.post(wallet, draft, posted=CASH)])
        # As the first order leaves it: in the index.
        place = WalletRow.segment.set(segment_of(user))
        sk = keys.wallet(BASE)
        self.database.write(Update("wallet", WalletRow, keys.user(user), sk, (place,)))
        return Townsman(user, account, shares)

    def _opening(self, user: str, shares: Mapping[str, int]) -> Draft:
        cash, theirs = accounts.customer_cash(user), accounts.customer_shares(user)
        legs = [
            Posting(accounts.customers_cash_at_broker(), BASE.asset, CASH),
            Posting(cash, BASE.asset, -CASH),
        ]
        for name, nanos in shares.items():
            legs += [
                Posting(accounts.shares_at_broker(), f"{name}/9", nanos),
                Posting(theirs, f"{name}/9", -nanos),
            ]
        return Draft(EntryKind.BUY, "opening", self.clock.now(), tuple(legs))

    def move_away(self) -> None:
        """Nobody of the town is in the index any more: others' sweeps have their own people."""
        self.each(self._leave, self.people)

    def _leave(self, one: Townsman) -> None:
        rows = [keys.PROFILE, keys.wallet(BASE), *(keys.position(name) for name in one.shares)]
        for sk in rows:
            self._client.update_item(
                TableName=self.tables[Table.CORE],
                Key={"pk": {"S": keys.user(one.user_id)}, "sk": {"S": sk}},
                UpdateExpression="REMOVE #segment",
                ExpressionAttributeNames={"#segment": "segment"},
            )

    def spoil(self, one: Townsman, symbol: str) -> None:
        """A row of theirs is not as it should be: a position in the index that holds nothing."""
        self._client.update_item(
            TableName=self.tables[Table.CORE],
            Key={"pk": {"S": keys.user(one.user_id)}, "sk": {"S": keys.position(symbol)}},
            UpdateExpression="SET quantity_nanos = :none",
            ExpressionAttributeValues={":none": {"N": "0"}},
        )

    def tick(self) -> None:
        """The schedule's message."""
        self.send("portfolio-sweep", "portfolio_sweep", {})

    def send(self, queue: str, check: str, subject: Mapping[str, str]) -> None:
        """A message to a queue of the platform."""
        sqs = self._aws("sqs")
        url = sqs.get_queue_url(QueueName=f"baobab-local-{queue}")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=encode(CheckMessage(check, subject)))

    def swept(self) -> bool:
        """Whether everybody was looked at today."""
        known = self.sweeps.segments(self.today())
        return len(known) == SEGMENTS and all(one.done for one in known.values())

    def runs_of(self, one: Townsman) -> tuple[Run, ...]:
        """The newest first."""
        return self.runs.of_person(one.user_id, 5).runs

    def orders_of(self, one: Townsman) -> list[Order]:
        """Of all plans of their runs."""
        found = []
        for run in self.runs_of(one):
            for plan_id in run.plan_ids:
                plan = self.orders_kept.plan(one.user_id, plan_id)
                assert plan is not None
                found += self.orders_kept.orders(one.user_id, plan.order_ids)
        return found

    def at_broker(self, one: Townsman, path: str) -> Any:
        """What the broker says of an account."""
        url = f"{self._sandbox.url}/alpaca/v1/trading/accounts/{one.account_id}{path}"
        return self._sandbox.http.get(url, auth=BROKER).raise_for_status().json()

    def distance(self, one: Townsman, prices: Mapping[str, Decimal], weights: Any) -> Decimal:
        """How far somebody is from their target, half the sum of all distances."""
        state = self.positions.state(one.user_id)
        values = {
            name: round(Decimal(each.quantity_nanos) * prices[name] / 10**7)
            for name, each in state.positions.items()
        }
        share = drift(values, weights, state.wallet(BASE).posted)
        return Decimal(share.numerator) / Decimal(share.denominator)

    def books_of(self, one: Townsman) -> Counter[tuple[str, str]]:
        """The fold of their journal, which says the same as their rows and as the broker."""
        wallet = self.ledger.wallet(one.user_id, BASE)
        positions = self.positions.state(one.user_id).positions
        entries = self.ledger.entries(one.user_id, BASE, limit=100).entries
        books = Counter(fold(each.entry for each in entries))
        assert books[accounts.customer_cash(one.user_id), BASE.asset] == -wallet.posted
        assert (wallet.held, wallet.open_orders) == (0, 0)
        held = {name: each.quantity_nanos for name, each in positions.items()}
        for name, position in positions.items():
            booked = books[accounts.customer_shares(one.user_id), f"{name}/9"]
            assert -booked == held[name] == sum(lot.nanos for lot in position.lots)
        theirs = {
            each["symbol"]: int(Decimal(each["qty"]) * 10**9)
            for each in self.at_broker(one, "/positions")
        }
        assert theirs == {name: nanos for name, nanos in held.items() if nanos}
        orders = self.orders_of(one)
        moved = sum(o.charged_minor * (1 if o.side is Side.SELL else -1) for o in orders)
        assert wallet.posted == CASH + moved
        # The broker does not round: less than a cent for each execution.
        cash = Decimal(self.at_broker(one, "/account")["cash"]) * 100
        assert abs(cash - wallet.posted) < max(1, sum(len(o.executions) for o in orders))
        return books
