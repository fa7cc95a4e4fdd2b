"""Structured logs and metrics. Neither ever carries a payload, a secret or personal data."""

import json
import logging
from functools import cache

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.base import SingleMetric

from shared.platform.log_lines import ROOT, JsonLines, Output, common, write
from shared.platform.masking import cleaned

NAMESPACE = "Baobab"


@cache
def logger(service: str) -> Logger:
    """The JSON logger of a function or a context; its level comes from LOG_LEVEL.

    Messages are constant words; what varies goes into ``extra``.
    """
    name = f"{ROOT}.{service}"
    # The root logger speaks for libraries: it would write each of our lines again.
    logging.getLogger(name).propagate = False
    return Logger(service=name, logger_formatter=JsonLines(), logger_handler=Output())


def adopt_libraries() -> None:
    """Whatever libraries log comes out in the same form, from warnings upwards.

    The runtime's own handlers stay, for they know where its lines go.
    """
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(Output())
    for handler in root.handlers:
        handler.setFormatter(JsonLines())


def metric(name: str, value: int = 1, **dimensions: str) -> None:
    """Count something, in CloudWatch's embedded metric format.

    Dimensions have few values each; the other members of the line only help to read it.
    """
    counted = SingleMetric(namespace=NAMESPACE)
    counted.add_metric(name=name, unit=MetricUnit.Count, value=value)
    for key, text in dimensions.items():
        counted.add_dimension(name=key, value=str(cleaned(text, key)) or "none")
    for key, what in common().items():
        counted.add_metadata(key=key, value=cleaned(what, key))
    write(json.dumps(counted.serialize_metric_set(), separators=(",", ":")))
