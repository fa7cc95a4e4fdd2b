"""What differs between the stages: read from ``cdk.json``, checked, and frozen."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from aws_cdk import Environment, RemovalPolicy, aws_lambda, aws_logs
from pydantic import BaseModel, ConfigDict, Field, model_validator

from graphql_api.limits import Limits

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_STAGE = "prod"
LOCAL_ENVIRONMENT = Environment(account="000000000000", region="us-east-1")
API_ID = "baobab"
"""The identifier of the local HTTP API, so that its address is known before it exists."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Domain(_Part):
    """Public names of the API, all in one Route 53 hosted zone."""

    zone_id: str
    zone_name: str
    api: str
    """What clients and vendors call; CloudFront answers."""
    origin: str
    """What CloudFront calls; the HTTP API answers."""
    mail_verified: bool
    """Whether SES has verified the zone: until then the user pool's own mailer sends codes."""


class Vendors(_Part):
    """Base URLs; ``{sandbox_url}`` is replaced by the address of the local sandbox."""

    stripe: str
    adyen: str
    """With the version; on live it begins with the company's own prefix."""
    adyen_reports: str
    """Under which reports can be fetched: addresses in news that lie elsewhere are not called."""
    daraja: str
    onfido: str
    broker: str
    ibkr: str
    """Interactive Brokers' gateway, which our own network holds; orders go there for accounts
    that are there."""
    market_data: str
    fx: str


class PriceCacheSize(_Part):
    """A serverless cache and the way out of the network that it needs."""

    nat_gateways: int = Field(default=2, ge=1, le=2)
    """Each has a fixed address; with one, a zone that fails takes the functions along."""
    gigabytes: int = Field(default=1, ge=1)
    requests_per_second: int = Field(default=5000, ge=1000)


class Throttle(_Part):
    """Requests per second and bursts, for the API and for its public session operations."""

    rate: int
    burst: int
    session_rate: int
    session_burst: int


class RateLimit(_Part):
    """Tokens that one principal's bucket holds, and how many come back in a minute."""

    capacity: int = Field(gt=0)
    per_minute: int = Field(gt=0)


class Stage(_Part):
    """One deployment of the platform."""

    name: str
    cell: str = Field(pattern=r"^[a-z][a-z0-9]{0,7}$")
    """The cell that owns the users who sign up here; part of every identifier."""
    on_aws: bool
    app_url: str
    sender_address: str
    domain: Domain | None = None
    """Without one there is no edge, and the API answers at its default address."""
    alarm_email: str | None = None
    vendors: Vendors
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    log_retention_days: int
    keep_data: bool
    """Whether tables, buckets, keys and the user pool outlive their stack."""
    introspection: bool
    """Whether the schema can be asked for: with it come hints, queries by GET and their page."""
    persisted_only: bool = False
    """Whether clients may only send ids of persisted operations, never documents of their own."""
    limits: Mapping[str, int] = {}
    """Where one request has other limits than the API's own defaults."""
    secure_cookies: bool
    malware_scanner: Literal["guardduty", "function"]
    live_mode: bool
    """Whether vendors move real money here."""
    mpesa_paybill: str = Field(pattern=r"^[0-9]{5,7}$")
    """The shortcode that people pay to from their phone's menu."""
    prefunding_limit_minor: int = Field(gt=0)
    invest_now_cap_minor: int = Field(gt=0)
    """US cents of one person that are invested while the payer's bank may take them back."""
    prefund_exposure_limit_minor: int = Field(gt=0)
    """US cents of customers' money that the firm's cash at the broker may stand in for at once."""
    firm_float_minor: int = Field(default=0, ge=0)
    """US cents that the firm keeps at the broker when it stands in for nothing."""
    fx_position_limit_minor: Mapping[Literal["KES", "EUR", "ZAR"], int]
    """The most of each currency, in minor units, that may wait to be sold for dollars."""
    payout_cooling_seconds: int = Field(gt=0)
    """So long a new payout account waits before money leaves for it."""
    payout_approval_minor: int = Field(gt=0)
    """From so many cents on a second person agrees to a withdrawal."""
    requote_tolerance: int = Field(ge=0, lt=10_000)
    """Basis points of what would have arrived: a withdrawal that waited and would lose more of it
    to a later rate is sent with its owner's consent only."""
    payout_consent_seconds: int = Field(gt=0)
    """So long the owner can give it; then the money is free again."""
    bank_account: Mapping[Literal["USD", "KES", "EUR", "ZAR"], str] = {}
    """The firm's own account at its bank by currency: statements of others are refused."""
    treasury_alone_minor: Mapping[Literal["USD", "KES", "EUR", "ZAR"], int] = {}
    """The most of each currency, in minor units, that one person books of the firm's own money;
    above it, and of other currencies always, it takes two."""
    price_max_age_seconds: int = Field(gt=0)
    throttle: Throttle
    rates: Mapping[Literal["READ", "CHANGE", "MONEY", "SESSION", "SIGN_IN"], RateLimit] = {}
    """Where a class of operations has other numbers than the API's own defaults."""
    most_runs_per_queue: int = Field(default=1000, ge=2, le=1000)
    """No queue starts more simultaneous runs of its function than this."""
    concurrency: Mapping[str, int] = {}
    """Reserved concurrency of functions by name; it counts against the account's limit."""
    local_webhook_base_url: str | None = None
    price_cache: PriceCacheSize | None = None
    """With one, the functions that read prices often run in a network of their own."""
    local_price_cache_url: str | None = None
    snap_start: bool = False
    """Whether functions start from a snapshot of a process that has begun already."""
    bundle: bool = True
    """False leaves dependencies out of the assets: enough to look at templates."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.on_aws and not self.secure_cookies:
            raise ValueError("secure_cookies must be on outside of a local stage")
        Limits.of(self.graphql_limits)
        if self.persisted_only and self.introspection:
            raise ValueError("persisted_only leaves nobody to ask for the schema")
        if self.price_cache is not None and not self.on_aws:
            raise ValueError("price_cache needs AWS: a local stage is told of a server instead")
        if self.snap_start and not self.on_aws:
            raise ValueError("snap_start needs AWS: nothing else takes snapshots of a process")
        if self.keep_data and self.domain is None:
            raise ValueError("a stage that keeps data needs a domain: its edge carries the WAF")
        return self

    @property
    def graphql_limits(self) -> str:
        """The limits of one request as the function reads them."""
        return json.dumps(dict(self.limits))

    @property
    def rate_limits(self) -> str:
        """Those numbers as the function reads them."""
        return json.dumps({name: each.model_dump() for name, each in self.rates.items()})

    @property
    def fx_position_limits(self) -> str:
        """Those limits as the functions read them."""
        return json.dumps(dict(self.fx_position_limit_minor))

    @property
    def bank_accounts(self) -> str:
        """Those accounts as functions read them."""
        return json.dumps(dict(self.bank_account))

    @property
    def treasury_alone_limits(self) -> str:
        """Those of one person's bookings."""
        return json.dumps(dict(self.treasury_alone_minor))

    @property
    def removal(self) -> RemovalPolicy:
        """What becomes of stored data when its stack is deleted."""
        return RemovalPolicy.RETAIN if self.keep_data else RemovalPolicy.DESTROY

    @property
    def retention(self) -> aws_logs.RetentionDays:
        """How long log lines are kept."""
        return _RETENTION[self.log_retention_days]

    @property
    def architecture(self) -> aws_lambda.Architecture:
        """Arm on AWS; locally that of this machine, which runs the functions."""
        arm = self.on_aws or platform.machine().lower() in ("arm64", "aarch64")
        return aws_lambda.Architecture.ARM_64 if arm else aws_lambda.Architecture.X86_64

    def stack_name(self, part: str) -> str:
        """Such as ``Baobab-prod-data``."""
        return f"Baobab-{self.name}-{part}"

    def physical_name(self, part: str) -> str:
        """Such as ``baobab-prod-settle-deposit``."""
        return f"baobab-{self.name}-{part.replace('_', '-')}"


_RETENTION = {
    7: aws_logs.RetentionDays.ONE_WEEK,
    30: aws_logs.RetentionDays.ONE_MONTH,
    365: aws_logs.RetentionDays.ONE_YEAR,
    731: aws_logs.RetentionDays.TWO_YEARS,
}


def file_context() -> dict[str, Any]:
    """The context of ``cdk.json``, which the command line hands over but a plain run lacks."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def read_stage(
    context: Mapping[str, Any],
    *,
    name: str = DEFAULT_STAGE,
    aws_port: str = "4566",
    sandbox_url: str = "http://127.0.0.1:4580",
    price_cache_url: str = "",
    bundle: bool = True,
) -> Stage:
    """The stage of this name.

    Raises:
        ValueError: there is no such stage, or what is written about it is not sound.
    """
    stages = context["stages"]
    if name not in stages:
        raise ValueError(f"no stage {name} in cdk.json: choose one of {', '.join(stages)}")
    values = dict(stages[name])
    values["vendors"] = {
        vendor: url.replace("{sandbox_url}", sandbox_url)
        for vendor, url in values["vendors"].items()
    }
    if not values["on_aws"]:
        values["local_webhook_base_url"] = (
            f"http://127.0.0.1:{aws_port}/_aws/execute-api/{API_ID}/$default/webhooks"
        )
        values["local_price_cache_url"] = price_cache_url or None
    return Stage(name=name, bundle=bundle, **values)
