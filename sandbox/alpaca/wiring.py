"""Which path is answered by what."""

from starlette.routing import BaseRoute, Mount

from sandbox.alpaca import corporate_action_routes, knob_routes
from sandbox.alpaca.account_desk import AccountDesk
from sandbox.alpaca.account_routes import AccountRoutes
from sandbox.alpaca.api import Endpoints
from sandbox.alpaca.corporate_action_routes import CorporateActionRoutes
from sandbox.alpaca.corporate_actions import CorporateActions
from sandbox.alpaca.exchange import Exchange
from sandbox.alpaca.idempotency import Replays
from sandbox.alpaca.journal_desk import JournalDesk
from sandbox.alpaca.journal_routes import JournalRoutes
from sandbox.alpaca.order_desk import OrderDesk
from sandbox.alpaca.portfolio_routes import PortfolioRoutes
from sandbox.alpaca.reference import Reference
from sandbox.alpaca.state import State
from sandbox.alpaca.streams import Streams
from sandbox.alpaca.trading_routes import TradingRoutes
from sandbox.context import Sandbox
from sandbox.index import VendorCard
from sandbox.market.feed import Feed

ACCOUNT = "/v1/accounts/{account_id}"
TRADING = "/v1/trading/accounts/{account_id}"

CARD = VendorCard(
    title="Alpaca Broker API and market data",
    base_paths=("/alpaca", "/alpaca-data"),
    credentials=lambda config: (
        ("key", config.alpaca_key),
        ("secret", config.alpaca_secret),
        ("firm account", config.alpaca_firm_account),
        ("webhook secret", config.broker_webhook_secret),
    ),
    magic=(
        ("family_name Actionrequired", "the account waits for a document"),
        ("family_name Approvalpending", "the account waits for ever"),
        ("family_name Rejectedbroker", "the account is rejected"),
        ("description /fixtures/status=rejected/fixtures/", "the journal is rejected"),
        ("description /fixtures/status=pending/fixtures/", "the journal waits for ever"),
        ("/_control/alpaca", "halts, feed delay, limits, executions, push, whole shares only"),
        ("/_control/alpaca/corporate-actions", "announces; /{id}/ex and /{id}/pay carry it out"),
    ),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Broker at `/alpaca`, market data at `/alpaca-data`, knobs at `/_control/alpaca`."""
    state = State(sandbox)
    replays = Replays()
    exchange = Exchange(state)
    actions = CorporateActions(state, exchange)
    on_actions = CorporateActionRoutes(actions)

    def reset() -> None:
        state.reset()
        replays.clear()
        exchange.reset()
        actions.clear()

    sandbox.on_reset(reset)
    endpoints = Endpoints(sandbox)
    broker = [
        *_portfolio(endpoints, PortfolioRoutes(state)),
        *_accounts(endpoints, AccountRoutes(state, AccountDesk(state))),
        *_journals(endpoints, JournalRoutes(state, JournalDesk(state), replays)),
        *_orders(endpoints, TradingRoutes(state, OrderDesk(state, exchange))),
        *_reference(endpoints, Reference(state, actions)),
        *_streams(endpoints, Streams(state)),
    ]
    return [
        Mount("/alpaca", routes=broker),
        Mount("/alpaca-data", routes=_feed(endpoints, Feed(state.market), on_actions)),
        *corporate_action_routes.routes(on_actions),
        *knob_routes.routes(state, exchange),
    ]


def _portfolio(api: Endpoints, on: PortfolioRoutes) -> list[BaseRoute]:
    # Before the accounts: their `{account_id}` would match these as well.
    return [
        api.route("GET", "/v1/accounts/activities", "activities.list", on.activities),
        api.route("GET", "/v1/accounts/activities/{kind}", "activities.list", on.activities),
        api.route("GET", "/v1/accounts/positions", "positions.list", on.all_positions),
        api.route("GET", f"{TRADING}/account", "trading_account.get", on.trading_account),
        api.route("GET", f"{TRADING}/positions", "positions.list", on.positions),
        api.route("GET", f"{TRADING}/positions/{{asset}}", "positions.get", on.position),
    ]


def _accounts(api: Endpoints, on: AccountRoutes) -> list[BaseRoute]:
    return [
        api.route("POST", "/v1/accounts", "accounts.create", on.create),
        api.route("GET", "/v1/accounts", "accounts.list", on.search),
        api.route("GET", ACCOUNT, "accounts.get", on.show),
        api.route("PATCH", ACCOUNT, "accounts.update", on.update),
        api.route("POST", f"{ACCOUNT}/actions/close", "accounts.close", on.close),
        api.route("POST", f"{ACCOUNT}/documents/upload", "documents.upload", on.upload_documents),
        api.route("GET", f"{ACCOUNT}/documents", "documents.list", on.list_documents),
        api.route("POST", f"{ACCOUNT}/cip", "cip.upload", on.upload_cip),
        api.route("GET", f"{ACCOUNT}/cip", "cip.get", on.show_cip),
    ]


def _journals(api: Endpoints, on: JournalRoutes) -> list[BaseRoute]:
    return [
        api.route("POST", "/v1/journals", "journals.create", on.create),
        api.route("GET", "/v1/journals", "journals.list", on.search),
        api.route("POST", "/v1/journals/batch", "journals.batch", on.create_batch),
        api.route("GET", "/v1/journals/{journal_id}", "journals.get", on.show),
        api.route("DELETE", "/v1/journals/{journal_id}", "journals.cancel", on.cancel),
    ]


def _orders(api: Endpoints, on: TradingRoutes) -> list[BaseRoute]:
    by_client_id, one = f"{TRADING}/orders:by_client_order_id", f"{TRADING}/orders/{{order_id}}"
    position = f"{TRADING}/positions/{{asset}}"
    return [
        api.route("POST", f"{TRADING}/orders", "orders.create", on.create),
        api.route("GET", f"{TRADING}/orders", "orders.list", on.search),
        api.route("DELETE", f"{TRADING}/orders", "orders.cancel_all", on.cancel_all),
        api.route("GET", by_client_id, "orders.get_by_client_id", on.show_by_client_id),
        api.route("GET", one, "orders.get", on.show),
        api.route("PATCH", one, "orders.replace", on.replace),
        api.route("DELETE", one, "orders.cancel", on.cancel),
        api.route("DELETE", position, "positions.close", on.close_position),
        api.route("DELETE", f"{TRADING}/positions", "positions.close", on.close_all_positions),
    ]


def _reference(api: Endpoints, on: Reference) -> list[BaseRoute]:
    announcements = "/v1/corporate_actions/announcements"
    return [
        api.route("GET", "/v1/assets", "assets.list", on.list_assets),
        api.route("GET", "/v1/assets/{asset}", "assets.get", on.get_asset),
        api.route("GET", "/v1/clock", "clock.get", on.clock),
        api.route("GET", "/v1/calendar", "calendar.get", on.calendar),
        api.route("GET", announcements, "announcements.list", on.announcements),
    ]


def _streams(api: Endpoints, on: Streams) -> list[BaseRoute]:
    served = {
        "trades": on.trades,
        "journals/status": on.journals,
        "accounts/status": on.accounts,
        "transfers/status": on.nothing,
        "funding/status": on.nothing,
        "nta": on.activities,
    }
    return [
        api.route("GET", f"/{version}/events/{topic}", "events", handler)
        for version in ("v1", "v2")
        for topic, handler in served.items()
    ]


def _feed(api: Endpoints, on: Feed, actions: CorporateActionRoutes) -> list[BaseRoute]:
    return [
        api.route("GET", "/v1/corporate-actions", "corporate_actions.list", actions.listed),
        api.route("GET", "/v2/stocks/quotes/latest", "quotes.latest", on.latest_quotes),
        api.route("GET", "/v2/stocks/trades/latest", "trades.latest", on.latest_trades),
        api.route("GET", "/v2/stocks/bars/latest", "bars.latest", on.latest_bars),
        api.route("GET", "/v2/stocks/bars", "bars.history", on.bars),
        api.route("GET", "/v2/stocks/snapshots", "snapshots.get", on.snapshots),
    ]
