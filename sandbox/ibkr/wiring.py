"""Which path is answered by what."""

from starlette.routing import BaseRoute, Mount

from sandbox.context import Sandbox
from sandbox.ibkr import knob_routes
from sandbox.ibkr.api import Endpoints
from sandbox.ibkr.desk import OrderDesk
from sandbox.ibkr.exchange import Exchange
from sandbox.ibkr.portfolio_routes import PortfolioRoutes
from sandbox.ibkr.session_routes import SessionRoutes
from sandbox.ibkr.state import State
from sandbox.ibkr.trading_routes import TradingRoutes
from sandbox.index import VendorCard

ACCOUNT = "/iserver/account/{account}"

CARD = VendorCard(
    title="Interactive Brokers Client Portal Web API",
    base_paths=("/ibkr/v1/api",),
    credentials=lambda config: (("token", config.ibkr_token),),
    magic=(("POST /_control/ibkr", "accounts, session, questions, fractions, halts"),),
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """The gateway under `/ibkr/v1/api`, and its knobs."""
    state = State(sandbox)
    exchange = Exchange(state)
    sandbox.on_reset(state.reset)
    api = Endpoints(sandbox)
    trading = TradingRoutes(state, OrderDesk(state, exchange))
    served = [
        *_session(api, SessionRoutes(state)),
        *_trading(api, trading),
        *_portfolio(api, PortfolioRoutes(state)),
    ]
    return [Mount("/ibkr/v1/api", routes=served), *knob_routes.routes(state, exchange)]


def _session(api: Endpoints, on: SessionRoutes) -> list[BaseRoute]:
    return [
        api.route("POST", "/tickle", "tickle", on.tickle),
        api.route("GET", "/sso/validate", "sso.validate", on.validate),
        api.route("POST", "/iserver/auth/ssodh/init", "session.init", on.begin),
        api.route("POST", "/iserver/auth/status", "session.status", on.status),
        api.route("GET", "/iserver/accounts", "accounts.list", on.brokerage_accounts),
        api.route("POST", "/iserver/account", "accounts.select", on.select),
        api.route("GET", "/portfolio/accounts", "accounts.portfolio", on.portfolio_accounts),
    ]


def _trading(api: Endpoints, on: TradingRoutes) -> list[BaseRoute]:
    return [
        api.route("GET", "/trsrv/stocks", "contracts.find", on.stocks),
        api.route("GET", "/iserver/account/orders", "orders.list", on.orders),
        api.route("GET", "/iserver/account/trades", "trades.list", on.trades),
        api.route("GET", "/iserver/account/order/status/{order}", "orders.status", on.status),
        api.route("POST", f"{ACCOUNT}/orders", "orders.create", on.create),
        api.route("POST", f"{ACCOUNT}/order/{{order}}", "orders.modify", on.modify),
        api.route("DELETE", f"{ACCOUNT}/order/{{order}}", "orders.cancel", on.cancel),
        api.route("POST", "/iserver/reply/{question}", "orders.reply", on.reply),
    ]


def _portfolio(api: Endpoints, on: PortfolioRoutes) -> list[BaseRoute]:
    positions = "/portfolio/{account}/positions/{page}"
    return [
        api.route("GET", positions, "positions.list", on.positions),
        api.route("GET", "/portfolio/{account}/ledger", "ledger.get", on.ledger),
        api.route("GET", "/iserver/marketdata/snapshot", "snapshot.get", on.snapshot),
        api.route("GET", "/iserver/exchangerate", "exchangerate.get", on.exchange_rate),
    ]
