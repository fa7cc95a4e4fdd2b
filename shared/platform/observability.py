"""Structured logs and metrics. Neither ever carries a payload, a secret or personal data."""

from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from shared.platform.correlation import correlation_id

NAMESPACE = "Baobab"


@cache
def logger(service: str) -> Logger:
    """The JSON logger of a function; its level comes from LOG_LEVEL."""
    return Logger(service=service, use_rfc3339=True, log_uncaught_exceptions=False)


def log_fields() -> dict[str, str]:
    """What every line carries."""
    return {"correlation_id": correlation_id()}


def metric(name: str, value: int = 1, **dimensions: str) -> None:
    """Count something, in CloudWatch's embedded metric format."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as one:
        for key, text in dimensions.items():
            one.add_dimension(name=key, value=text)
