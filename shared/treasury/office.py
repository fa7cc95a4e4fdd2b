"""Builds the parts of the treasury that the worker and the API share, from their settings."""

import json
from collections.abc import Mapping
from typing import Protocol

from shared.cases.store import CaseStore
from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.market_data.breakers import Switches
from shared.platform.tables import Database
from shared.platform.work import UnitOfWork
from shared.treasury.keeping import Limits
from shared.treasury.limits import LimitSettings
from shared.treasury.store import HouseBalances


class LimitValues(Protocol):
    """A stage's values as settings have them."""

    @property
    def prefund_exposure_limit_minor(self) -> int:
        """US cents."""

    @property
    def firm_float_minor(self) -> int:
        """US cents."""

    @property
    def fx_position_limits(self) -> str:
        """Minor units by currency, as JSON."""


def limits_of(database: Database, facts: UnitOfWork, clock: Clock, values: LimitValues) -> Limits:
    """The limits over a database."""
    return Limits(
        HouseBalances(database),
        Switches(database),
        CaseStore(database),
        facts,
        clock,
        LimitSettings.of(
            values.prefund_exposure_limit_minor,
            values.firm_float_minor,
            json.loads(values.fx_position_limits),
        ),
    )


def by_currency(text: str) -> Mapping[Currency, int]:
    """Minor units by currency, from JSON; ValueError for what is no currency."""
    return {Currency(name): int(minor) for name, minor in json.loads(text).items()}
