"""What happens before a process is frozen, and in each copy that is thawed."""

import random
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from graphql_api import documents, priming
from graphql_api.application import Application
from graphql_api.asgi import Service
from graphql_api.settings import Settings
from shared.platform import snapshots
from shared.platform.entry import entry_point


class Hooks(ModuleType):
    """AWS's module of hooks, as its runtime has it."""

    def __init__(self) -> None:
        super().__init__("snapshot_restore_py")
        self.__spec__ = type("Spec", (), {"name": self.__name__})()  # only looked for
        self.before: list[Callable[[], Any]] = []
        self.after: list[Callable[[], Any]] = []

    def register_before_snapshot(self, work: Callable[[], Any]) -> Callable[[], Any]:
        self.before.append(work)
        return work

    def register_after_restore(self, work: Callable[[], Any]) -> Callable[[], Any]:
        self.after.append(work)
        return work


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooks]:
    """As on AWS."""
    hooks = Hooks()
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", hooks)
    return hooks


def test_elsewhere_than_on_aws_nothing_is_called() -> None:
    called: list[str] = []
    snapshots.before_snapshot(lambda: called.append("before"))
    snapshots.after_restore(lambda: called.append("after"))
    assert called == []


def test_work_is_left_for_before_and_after(hooks: Hooks) -> None:
    called: list[str] = []
    snapshots.before_snapshot(lambda: called.append("before"))
    snapshots.after_restore(lambda: called.append("after"))
    assert called == []
    for work in (*hooks.before, *hooks.after):
        work()
    assert called == ["before", "after"]


def test_every_function_gives_its_copies_random_numbers_of_their_own(hooks: Hooks) -> None:
    entry_point("any")(lambda event, context: None)
    (reseed,) = hooks.after
    random.seed(1)
    frozen = random.getstate()
    numbers = []
    for _ in range(2):
        random.setstate(frozen)
        reseed()
        numbers.append(random.getrandbits(128))
    assert numbers[0] != numbers[1]


def test_priming_prepares_every_persisted_operation(
    app: Application, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(app)
    priming.prime(service, settings)
    monkeypatch.setattr(documents, "parse", None)
    for endpoint in service.endpoints.values():
        keys = list(endpoint.persisted.texts)
        assert keys
        for key in keys:
            assert endpoint.persisted.get(key).operations


def test_priming_touches_nothing_of_the_real_service(
    app: Application, settings: Settings, database: Any
) -> None:
    before = set(vars(app))
    priming.prime(Service(app), settings)
    assert database.requests == []
    # No vendor, no secret, no client: none of its parts was built but what composing it needs.
    assert set(vars(app)) - before <= {"buckets"}


def test_priming_answers_with_data_of_a_person_who_does_not_exist(settings: Settings) -> None:
    app, user_id = priming.nobody(settings)
    again, other_id = priming.nobody(settings)
    assert user_id != other_id
    assert app.users.get(user_id) is not None
    assert again.users.get(user_id) is None


def test_the_deployed_handler_is_primed_before_its_snapshot(
    hooks: Hooks, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.model_dump(exclude_none=True).items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.delitem(sys.modules, "graphql_api.handler", raising=False)
    handler = import_module("graphql_api.handler")
    (before,) = hooks.before
    monkeypatch.delitem(sys.modules, "graphql_api.handler")
    before()
    assert all(
        endpoint.persisted._ready.keys() >= set(endpoint.persisted.texts)
        for endpoint in handler.service.endpoints.values()
    )
    handler.adapter.close()


def test_an_api_that_cannot_answer_is_not_frozen(
    app: Application, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priming, "SCREEN", "NoSuchScreen")
    with pytest.raises(priming.NotPrimed):
        priming.prime(Service(app), settings)


def test_a_part_of_the_outside_that_the_screen_would_need_stops_it(settings: Settings) -> None:
    app, _ = priming.nobody(settings)
    with pytest.raises(priming.NotPrimed):
        app.vault  # noqa: B018 - composing it is the test
