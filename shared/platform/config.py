"""Typed settings: one class per function, read from the environment, proven at synth time."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Base of every function's settings. Field ``core_table`` is read from ``CORE_TABLE``.

    The CDK app compares ``variables()`` with the environment that it sets and fails to
    synthesise when they differ, so a function can never start with a name missing.
    """

    # A missing name ends the start, and the runtime logs why: without the values of the others.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    cell: str
    """Name of the cell: one region's deployment that owns its users."""
    log_level: str = "INFO"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read from the environment; pydantic's ValidationError names what is missing."""
        source = os.environ if environ is None else environ
        present = {
            name: source[name.upper()] for name in cls.model_fields if name.upper() in source
        }
        return cls.model_validate(present)

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Names of all environment variables that this function reads."""
        return frozenset(name.upper() for name in cls.model_fields)

    @classmethod
    def required(cls) -> frozenset[str]:
        """Those of them without a default."""
        fields = cls.model_fields.items()
        return frozenset(name.upper() for name, field in fields if field.is_required())


class CoreTable(BaseModel):
    """For functions that touch the core table."""

    core_table: str


class WritesFacts(CoreTable):
    """For functions that commit business facts: state, journal and outbox rows together."""

    journal_table: str
    outbox_table: str


class MarketTable(BaseModel):
    """For functions that read prices, models, the market clock and breakers."""

    market_table: str


class PriceCache(BaseModel):
    """For functions that read prices often. Without a cache they read the market table."""

    price_cache_url: str = ""
    """Such as ``rediss://<user>@<host>:6379``; empty without one."""
    price_cache_name: str = ""
    """What IAM calls it; empty where no token is asked for."""


class AuditTable(BaseModel):
    """For functions that record what members of staff do."""

    audit_table: str


class PersonalDataKey(BaseModel):
    """For functions that open or seal personal data."""

    personal_data_key: str
    """ARN of the KMS key that wraps each person's data key."""
