"""How long hostile requests of 64 KiB take to be refused, in terms of parsing them.

A document is compared with graphql-core's `parse` of the same text up to its end or its first
error, without any limit. A body that holds no document, or a weapon beside it, is compared with
`json.loads`, what `parse` needs for the document in it, and the answer to an empty object, for
`json.loads` gives some of them up at the first byte. CPU time; in turns within one process.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

from graphql import GraphQLError, parse

from benchmarks.hostile_documents import BODIES, BODY_BYTES, families
from benchmarks.over_memory import application, event_of_body
from benchmarks.world import World
from graphql_api.adapter import LambdaAdapter
from graphql_api.asgi import Service
from shared.platform.memory import MemoryDatabase

ROUNDS = 15
NOBODY = "usr_b1_01KJQJQA60HZE1C5354WN3PNSN"
TIMES_MAX = 5.0
"""A refusal may take as much longer than parsing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One family."""

    name: str
    size: int
    """Bytes of the body."""
    code: str
    """The first error's; ACCEPTED when there is none."""
    milliseconds: float
    times: float
    """The time to refuse it, in times to parse it."""


def _read_and_answer(body: bytes, answer: Callable[[], object]) -> None:
    """What any server has to do at least: the JSON, then the document, then an answer."""
    with contextlib.suppress(ValueError, RecursionError, GraphQLError):
        content = json.loads(body)
        if isinstance(content, dict):
            parse(content["query"])
    answer()


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time_ns()
    work()
    return (time.process_time_ns() - started) / 1e6


def document_alone(body: bytes) -> Callable[[], None]:
    """Parsing the document, its JSON not counted."""
    document = json.loads(body)["query"]

    def work() -> None:
        with contextlib.suppress(GraphQLError, RecursionError):
            parse(document)

    return work


def refusals() -> list[Refusal]:
    """All families, slowest ratio first. Every request is a new document to the endpoint."""
    app = application(World(MemoryDatabase()))
    nothing, found = event_of_body(NOBODY, b"{}"), []
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        for name, body in families():
            adapter = LambdaAdapter(Service(app))
            asked = event_of_body(NOBODY, body)
            plain: Callable[[], object]
            if name in BODIES:
                plain = partial(_read_and_answer, body, partial(adapter, nothing, None))
            else:
                plain = document_alone(body)
            refuse = partial(adapter, asked, None)
            pairs = [(_milliseconds(refuse), _milliseconds(plain)) for _ in range(ROUNDS)]
            answer = json.loads(adapter(asked, None)["body"])
            adapter.close()
            errors = answer.get("errors")
            code = errors[0]["extensions"]["code"] if errors else "ACCEPTED"
            times = median(mine / max(other, 0.001) for mine, other in pairs)
            found.append(Refusal(name, len(body), code, median(mine for mine, _ in pairs), times))
    return sorted(found, key=lambda each: -each.times)


def main() -> None:
    """Print the table, and the worst that fills what a request may hold."""
    found = refusals()
    print("| family | bytes | answer | CPU ms | times parsing |\n|---|---|---|---|---|")
    for each in found:
        print(
            f"| {each.name} | {each.size} | {each.code} | {each.milliseconds:.2f} "
            f"| {each.times:.2f} |"
        )
    worst = next(each for each in found if each.size > 0.9 * BODY_BYTES)
    verdict = "within" if worst.times <= TIMES_MAX else "BEYOND"
    print(f"\nworst of 64 KiB: {worst.name}, {worst.times:.2f}, {verdict} {TIMES_MAX:.0f}")


if __name__ == "__main__":
    main()
