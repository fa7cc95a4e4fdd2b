"""What stays of botocore's descriptions of AWS: those of the services that functions call."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

SERVICES = (
    "cognito-idp",
    "dynamodb",
    "events",
    "kms",
    "s3",
    "secretsmanager",
    "sesv2",
    "sqs",
    "sts",
)
"""Services by botocore's name; a client of any other cannot be made. ``sts`` is there for
botocore itself, which asks it for credentials in some environments."""


def thin_out(data: Path) -> None:
    """Remove the other services, from the folder and from the list of endpoints.

    Every process reads the whole list before its first client; nine tenths of it and of the
    folder are about services that nothing here calls. Regions and partitions all stay. Nothing
    happens where there is no botocore.
    """
    if not data.exists():
        return
    prefixes = {prefix for service in SERVICES for prefix in _prefixes(data / service)}
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            shutil.rmtree(folder)
    for examples in data.rglob("examples-1.json"):
        examples.unlink()
    endpoints = data / "endpoints.json"
    known: dict[str, Any] = json.loads(endpoints.read_text())
    for partition in known["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in prefixes}
    endpoints.write_text(json.dumps(known, separators=(",", ":")))


def _prefixes(service: Path) -> set[str]:
    """Under which names the list of endpoints knows a service; raises when there is none."""
    found = set()
    for model in service.glob("*/service-2.json.gz"):
        found.add(
            str(json.loads(gzip.decompress(model.read_bytes()))["metadata"]["endpointPrefix"])
        )
    if not found:
        raise FileNotFoundError(f"botocore describes no service {service.name}")
    return found
