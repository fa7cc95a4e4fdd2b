"""Many people's deposits settled at the same time: does anybody share an item with anybody?"""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.recording import Recorder
from benchmarks.world import World

THREADS = 32


@dataclass(frozen=True, slots=True)
class Crowd:
    """What the recorded requests prove."""

    people: int
    requests_sent: int
    items_written: int
    shared: tuple[str, ...]
    """Keys of items that more than one transaction of the settlement wrote."""
    write_units: int


def settle_together(world: World, recorder: Recorder, people: int) -> Crowd:
    """Register ``people``, begin a deposit each, then settle all of them from 32 threads."""
    deposits = []
    for _ in range(people):
        user_id = world.register()
        deposits.append(world.begin_deposit(user_id, 10_000))
    with recorder.window() as requests, ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(world.settle, deposits))
    writers: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for request in requests:
        for key in request.written:
            writers[key] += 1
    return Crowd(
        people=people,
        requests_sent=len(requests),
        items_written=len(writers),
        shared=tuple(" ".join(key) for key, count in writers.items() if count > 1),
        write_units=sum(request.write_units for request in requests),
    )
