"""Structured logs and metrics. Neither ever carries a payload, a secret or personal data."""

import json
import logging
import os
import time
from functools import cache

from shared.platform.correlation import correlation_id
from shared.platform.log_lines import ROOT, JsonLines, Output, common, write
from shared.platform.masking import cleaned

NAMESPACE = "Baobab"


@cache
def logger(service: str) -> logging.Logger:
    """The JSON logger of a function or a context; its level comes from LOG_LEVEL.

    Messages are constant words; what varies goes into ``extra``.
    """
    return _own().getChild(service)


@cache
def _own() -> logging.Logger:
    own = logging.getLogger(ROOT)
    output = Output()
    output.setFormatter(JsonLines())
    own.handlers = [output]
    own.propagate = False
    own.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    return own


def adopt_libraries() -> None:
    """Whatever libraries log comes out in the same form, from warnings upwards.

    The runtime's own handlers stay, for they know where its lines go.
    """
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(Output())
    for handler in root.handlers:
        handler.setFormatter(JsonLines())


def log_fields() -> dict[str, str]:
    """The correlation id, for what is no log line; every line carries it by itself."""
    return {"correlation_id": correlation_id()}


def metric(name: str, value: int = 1, **dimensions: str) -> None:
    """Count something, in CloudWatch's embedded metric format.

    Dimensions have few values each; the other members of the line only help to read it.
    """
    described = {
        "Timestamp": time.time_ns() // 1_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [list(dimensions)],
                "Metrics": [{"Name": name, "Unit": "Count"}],
            }
        ],
    }
    shown = {key: cleaned(text, key) for key, text in (common() | dimensions).items()}
    write(json.dumps({"_aws": described, **shown, name: value}, separators=(",", ":")))
