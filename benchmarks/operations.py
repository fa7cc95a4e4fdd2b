"""Requests and write units per operation, and whether anybody shares an item with anybody."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

import boto3
from botocore.config import Config

from benchmarks.crowd import settle_together
from benchmarks.recording import Recorder, reads_and_writes
from benchmarks.tables import create_tables
from benchmarks.world import World, five_years
from shared.platform.dynamo import DynamoDatabase
from tools.stack.places import Places, Ports
from tools.stack.servers import Servers

PEOPLE = 1_000


@contextmanager
def embedded() -> Iterator[str]:
    """URL of an embedded AWS for the time of the block."""
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder))
        places.prepare()
        servers = Servers(places, Ports.free())
        servers.start_aws(auth=False, tied=True)
        try:
            yield f"http://127.0.0.1:{servers.ports.aws}"
        finally:
            servers.stop()


def client(url: str, account: str) -> Any:
    """A DynamoDB client of one account."""
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="test",
        config=Config(max_pool_connections=40, retries={"total_max_attempts": 1}),
    )


def operations(dynamodb: Any, out: TextIO) -> None:
    """Requests and write units per operation, for a person with five years of history."""
    recorder = Recorder()
    world = World(DynamoDatabase(create_tables(dynamodb), dynamodb))
    user_id = five_years(world)
    recorder.attach(dynamodb)
    rows = []

    def measure(name: str, requests: list[Any]) -> None:
        reads, writes = reads_and_writes(requests)
        rows.append((name, reads, writes, sum(request.write_units for request in requests)))

    with recorder.window() as requests:
        world.register()
    measure("register", requests[1:])
    deposit = world.begin_deposit(user_id, 25_000)
    with recorder.window() as requests:
        world.settle(deposit)
    measure("deposit settled", requests)
    world.fund(deposit)
    with recorder.window() as requests:
        orders = world.invest(deposit)
    measure(f"invest into {len(orders)} assets", requests[:-1])
    with recorder.window() as requests:
        world.fill(orders[0])
    measure("buy fill", requests)
    with recorder.window() as requests:
        world.screen(user_id)
    measure("screen", requests)
    print("| operation | reads | writes | write units |\n|---|---|---|---|", file=out)
    for name, reads, writes, units in rows:
        print(f"| {name} | {reads} | {writes} | {units} |", file=out)


def crowd(dynamodb: Any, out: TextIO) -> None:
    """A thousand people at once."""
    recorder = Recorder()
    world = World(DynamoDatabase(create_tables(dynamodb), dynamodb))
    recorder.attach(dynamodb)
    seen = settle_together(world, recorder, PEOPLE)
    print(
        f"\n{seen.people} deposits settled concurrently: {seen.requests_sent} requests, "
        f"{seen.items_written} items written, {len(seen.shared)} of them by more than one "
        f"person, {seen.write_units / seen.people:.1f} write units per deposit",
        file=out,
    )


def main() -> None:
    """Both, on an embedded DynamoDB."""
    out = sys.stdout
    # What the use cases log is no part of the tables.
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), embedded() as url:
        operations(client(url, "100000000001"), out)
        crowd(client(url, "100000000002"), out)
