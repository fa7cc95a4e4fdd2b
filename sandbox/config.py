"""What can be set when the sandbox starts, by environment variable or command line."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, get_type_hints

from sandbox.loopback import NotLoopback, is_loopback_host, require_loopback

ENVIRONMENT_PREFIX = "SANDBOX_"


class InvalidConfig(ValueError):
    """A setting has a value that the sandbox cannot work with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Settings of one sandbox. Names ending in `_ms` are milliseconds of wall time."""

    host: str = "127.0.0.1"
    port: int = 4580

    stripe_api_key: str = "sk_test_sandbox"
    stripe_webhook_url: str | None = None
    stripe_webhook_secret: str = "whsec_sandbox"
    stripe_debit_delay_ms: int = 1000
    stripe_refund_delay_ms: int = 300
    stripe_payout_delay_ms: int = 300

    adyen_api_key: str = "AQE_sandbox"
    adyen_merchant_account: str = "BaobabSandbox"
    adyen_webhook_url: str | None = None
    # Hexadecimal, as Adyen's Customer Area shows it.
    adyen_hmac_key: str = "0123456789ABCDEF" * 4
    adyen_report_user: str = "report@Company.Baobab"
    adyen_report_password: str = "report-sandbox"
    adyen_refund_delay_ms: int = 300

    daraja_consumer_key: str = "sandbox-key"
    daraja_consumer_secret: str = "sandbox-secret"
    daraja_shortcode: str = "174379"
    # Safaricom publishes this passkey for its own sandbox shortcode.
    daraja_passkey: str = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
    daraja_payout_shortcode: str = "600996"
    daraja_initiator: str = "testapi"
    daraja_initiator_password: str = "Safaricom999!*!"
    daraja_callback_delay_ms: int = 300
    daraja_token_seconds: int = 3599

    onfido_api_token: str = "api_sandbox.token"
    onfido_webhook_url: str | None = None
    onfido_webhook_token: str = "onfido-webhook-token"
    onfido_check_delay_ms: int = 300
    onfido_min_file_bytes: int = 10 * 1024

    alpaca_key: str = "sandbox-key"
    alpaca_secret: str = "sandbox-secret"
    alpaca_firm_account: str = "f1a7c0de-0000-4000-8000-000000000001"
    alpaca_account_delay_ms: int = 300
    alpaca_journal_delay_ms: int = 300
    broker_webhook_url: str | None = None
    # The base64 text of "baobab-sandbox-broker-webhook-se".
    broker_webhook_secret: str = "whsec_YmFvYmFiLXNhbmRib3gtYnJva2VyLXdlYmhvb2stc2U="

    # What the door in front of the gateway asks for; the gateway itself asks nobody.
    ibkr_token: str = "ibkr-gateway-token"

    market_start: str = "2026-03-02T10:30:00-05:00"
    market_fill_delay_ms: int = 200

    # Waits before the 2nd, 3rd, … attempt of a webhook that was not answered with 2xx.
    webhook_backoff_ms: tuple[int, ...] = (500, 1000, 2000, 4000)
    webhook_timeout_ms: int = 10_000

    def __post_init__(self) -> None:
        if not is_loopback_host(self.host):
            raise InvalidConfig(f"host must be a loopback address, not {self.host!r}")
        for name in webhook_url_names():
            url = getattr(self, name)
            if url is None:
                continue
            try:
                require_loopback(url)
            except NotLoopback as error:
                raise InvalidConfig(f"{name}: {error}") from error
        for name, value in vars_of(self).items():
            if name.endswith("_ms") and min(value if isinstance(value, tuple) else (value,)) < 0:
                raise InvalidConfig(f"{name} must not be negative")
        start_of_market(self)


def vars_of(config: SandboxConfig) -> dict[str, Any]:
    """Every setting by name."""
    return {field.name: getattr(config, field.name) for field in fields(config)}


def webhook_url_names() -> tuple[str, ...]:
    """The settings that hold a webhook target."""
    return tuple(f.name for f in fields(SandboxConfig) if f.name.endswith("_webhook_url"))


def start_of_market(config: SandboxConfig) -> datetime:
    """The business time at which the sandbox starts, with its UTC offset.

    Raises:
        InvalidConfig: `market_start` is not an RFC 3339 time with an offset.
    """
    try:
        start = datetime.fromisoformat(config.market_start)
    except ValueError as error:
        raise InvalidConfig(f"market_start is not a time: {config.market_start!r}") from error
    if start.tzinfo is None:
        raise InvalidConfig("market_start needs a UTC offset")
    return start


def parse_value(name: str, text: str) -> Any:
    """The setting `name` read from text; an empty text means "not set" for a webhook URL.

    Raises:
        InvalidConfig: the name is unknown or the text has the wrong form.
    """
    hint = get_type_hints(SandboxConfig).get(name)
    if hint is None:
        raise InvalidConfig(f"there is no setting {name!r}")
    try:
        if hint is int:
            return int(text)
        if hint == tuple[int, ...]:
            return tuple(int(part) for part in text.split(",") if part)
    except ValueError as error:
        raise InvalidConfig(f"{name} must be whole numbers, not {text!r}") from error
    return None if hint == str | None and not text else text


def from_environment(environment: Mapping[str, str]) -> SandboxConfig:
    """Settings from `SANDBOX_PORT`, `SANDBOX_STRIPE_API_KEY`, …; what is absent keeps its default.

    Raises:
        InvalidConfig: a value is unusable.
    """
    known = {field.name for field in fields(SandboxConfig)}
    return SandboxConfig(
        **{
            name: parse_value(name, text)
            for key, text in environment.items()
            if key.startswith(ENVIRONMENT_PREFIX)
            and (name := key.removeprefix(ENVIRONMENT_PREFIX).lower()) in known
        }
    )


def from_command_line(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> SandboxConfig:
    """Settings from `--port 4580 --stripe-webhook-url …` over those of the environment.

    Raises:
        InvalidConfig: a value is unusable.
        SystemExit: an option is unknown, or help was asked for.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    base = vars_of(from_environment(os.environ if environment is None else environment))
    for name, value in base.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=name, default=None, metavar="…", help=f"now: {value}")
    given = {
        name: parse_value(name, text)
        for name, text in vars(parser.parse_args(arguments)).items()
        if text is not None
    }
    return SandboxConfig(**(base | given))
