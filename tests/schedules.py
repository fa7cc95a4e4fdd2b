"""All interleavings of a few processes, switched at every call of the database.

Each process runs in a thread of its own that stops before each call until the schedule lets it go
on: one runs at a time, so that a schedule is a list of choices and can be repeated exactly.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

CALLS = ("get", "get_many", "query", "write", "transact")
LONGEST_SECONDS = 20


class Switched:
    """A database whose callers wait for their turn before each call."""

    def __init__(self, inner: Any, turn: Callable[[], None]) -> None:
        self._inner = inner
        self._turn = turn

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in CALLS:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._turn()
            return found(*args, **kwargs)

        return call


class Schedule:
    """One run: who goes next is read from ``choices`` and, after those, always the first."""

    def __init__(self, choices: Sequence[int], chance: random.Random | None = None) -> None:
        self._choices = list(choices)
        self._chance = chance
        self.options: list[int] = []
        """How many processes could have gone on, at each step."""
        self._go: dict[int, threading.Event] = {}
        self._stopped = threading.Event()
        self._me = threading.local()
        self._waiting: set[int] = set()
        self.errors: list[BaseException] = []

    def turn(self) -> None:
        """Called before each call of the database; a thread that is no process passes."""
        number = getattr(self._me, "number", None)
        if number is None:
            return
        self._go[number].clear()
        self._waiting.add(number)
        self._stopped.set()
        if not self._go[number].wait(LONGEST_SECONDS):
            raise TimeoutError("never scheduled")

    def run(self, processes: Sequence[Callable[[], object]]) -> None:
        """Run all of them to their end; what one raises is in ``errors``."""
        threads = [
            threading.Thread(target=self._process, args=(number, work), daemon=True)
            for number, work in enumerate(processes)
        ]
        for number, thread in enumerate(threads):
            self._go[number] = threading.Event()
            self._stopped.clear()
            thread.start()
            self._until_it_stops()
        while self._waiting:
            ready = sorted(self._waiting)
            step = len(self.options)
            choice = self._choices[step] if step < len(self._choices) else 0
            if self._chance is not None:
                choice = self._chance.randrange(len(ready))
            self.options.append(len(ready))
            number = ready[choice]
            self._waiting.discard(number)
            self._stopped.clear()
            self._go[number].set()
            self._until_it_stops()
        for thread in threads:
            thread.join(LONGEST_SECONDS)

    def _until_it_stops(self) -> None:
        if not self._stopped.wait(LONGEST_SECONDS):
            raise TimeoutError("a process neither waits nor ends")

    def _process(self, number: int, work: Callable[[], object]) -> None:
        self._me.number = number
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test decides what may be raised
            self.errors.append(error)
        finally:
            self._stopped.set()


def every_schedule(most: int = 2000) -> Iterator[Schedule]:
    """Schedules until all have been run, depth first; each must be run before the next is asked
    for. More than ``most`` is an error: choose fewer or shorter processes."""
    choices: list[int] = []
    for _ in range(most):
        schedule = Schedule(choices)
        yield schedule
        taken = (choices + [0] * len(schedule.options))[: len(schedule.options)]
        while taken and taken[-1] + 1 >= schedule.options[len(taken) - 1]:
            taken.pop()
        if not taken:
            return
        taken[-1] += 1
        choices = taken
    raise AssertionError(f"more than {most} schedules")


def drawn_schedules(count: int, seed: int) -> Iterator[Schedule]:
    """Schedules by chance, for processes with too many orders to run them all."""
    chance = random.Random(seed)
    for _ in range(count):
        yield Schedule([], chance)
