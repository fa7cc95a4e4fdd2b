"""The two schemas: what a signed-in person does, and how one signs in."""

from functools import cache
from importlib import import_module
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graphql_api.deposits import DepositMutation
from graphql_api.execution import PreparedDocument
from graphql_api.fx import FxQuery
from graphql_api.goals import GoalMutation
from graphql_api.kyc import KycMutation
from graphql_api.market import MarketQuery
from graphql_api.notifications import NotificationMutation
from graphql_api.own_sessions import OwnSessionsMutation
from graphql_api.payout_accounts import PayoutAccountMutation
from graphql_api.previews import PreviewQuery
from graphql_api.profile import ProfileMutation
from graphql_api.projections import ProjectionQuery
from graphql_api.recurring import RecurringMutation, RecurringQuery
from graphql_api.refunds import RefundMutation
from graphql_api.required_rules import close
from graphql_api.risk import RiskMutation, RiskQuery
from graphql_api.round_ups import RoundUpsMutation, RoundUpsQuery
from graphql_api.rules import object_type
from graphql_api.scalars import SCALARS
from graphql_api.session_factors import SecondFactorMutation
from graphql_api.session_passwords import PasswordMutation
from graphql_api.sessions import SessionQuery, SignInMutation, SignUpMutation
from graphql_api.staff import StaffQuery
from graphql_api.staff_actions import StaffMutation
from graphql_api.staff_alerts import MoneyAlertMutation
from graphql_api.staff_breakers import BreakerMutation, BreakerQuery
from graphql_api.staff_cases import MoneyCaseMutation
from graphql_api.staff_money import StaffMoneyMutation
from graphql_api.staff_orders import StaffOrderMutation
from graphql_api.staff_payouts import StaffPayoutMutation
from graphql_api.staff_reconciliation import ReconciliationMutation, ReconciliationQuery
from graphql_api.staff_restrictions import RestrictionMutation, RestrictionQuery
from graphql_api.staff_strategies import StrategyMutation, StrategyQuery
from graphql_api.staff_suspense import SuspenseMutation
from graphql_api.staff_treasury import TreasuryMutation, TreasuryQuery
from graphql_api.staff_withdrawals import StaffWithdrawalMutation
from graphql_api.taxes import TaxMutation, TaxQuery
from graphql_api.viewer import ViewerQuery
from graphql_api.withdrawals import WithdrawalMutation


@object_type(description="What a signed-in person can read.")
class Query(
    ViewerQuery,
    MarketQuery,
    FxQuery,
    RecurringQuery,
    RoundUpsQuery,
    RiskQuery,
    PreviewQuery,
    TaxQuery,
    ProjectionQuery,
    StaffQuery,
    TreasuryQuery,
    BreakerQuery,
    RestrictionQuery,
    StrategyQuery,
    ReconciliationQuery,
):
    """See the description."""


@object_type(description="What a signed-in person can do; one mutation per action.")
class Mutation(
    ProfileMutation,
    RiskMutation,
    KycMutation,
    DepositMutation,
    PayoutAccountMutation,
    WithdrawalMutation,
    RefundMutation,
    RecurringMutation,
    RoundUpsMutation,
    GoalMutation,
    TaxMutation,
    NotificationMutation,
    OwnSessionsMutation,
    StaffMutation,
    TreasuryMutation,
    BreakerMutation,
    RestrictionMutation,
    StrategyMutation,
    SuspenseMutation,
    ReconciliationMutation,
    StaffWithdrawalMutation,
    StaffPayoutMutation,
    StaffOrderMutation,
    StaffMoneyMutation,
    MoneyCaseMutation,
    MoneyAlertMutation,
):
    """See the description."""


@object_type(name="Query", description="What can be read before signing in.")
class SessionsQuery(SessionQuery):
    """See the description."""


@object_type(name="Mutation", description="How one signs up, signs in and stays signed in.")
class SessionsMutation(SignUpMutation, SignInMutation, SecondFactorMutation, PasswordMutation):
    """See the description."""


def _survive_letters() -> None:
    """The library looks for similar names by letters in lower case, and fails over words with a
    letter whose lower case is two letters long, such as a dotted capital I."""
    distance = import_module("graphql.pyutils.suggestion_list").LexicalDistance
    measure = distance.measure

    def measured(self: Any, option: str, threshold: int) -> int | None:
        try:
            found: int | None = measure(self, option, threshold)
        except IndexError:
            return None
        return found

    distance.measure = measured


_survive_letters()


class MaskedSchema(strawberry.Schema):
    """A schema that logs nothing of its own, the endpoint reports errors, and that cannot be built
    with a field that has no rule."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        close(self._schema)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Strawberry would log texts and tracebacks, which may quote what people sent."""


def _config(*, introspection: bool) -> StrawberryConfig:
    return StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not introspection)


@cache
def graphql_schema(*, introspection: bool) -> strawberry.Schema:
    """For people who are signed in."""
    return MaskedSchema(
        query=Query,
        mutation=Mutation,
        config=_config(introspection=introspection),
        extensions=[PreparedDocument],
    )


@cache
def session_schema(*, introspection: bool) -> strawberry.Schema:
    """For signing in."""
    return MaskedSchema(
        query=SessionsQuery,
        mutation=SessionsMutation,
        config=_config(introspection=introspection),
        extensions=[PreparedDocument],
    )
