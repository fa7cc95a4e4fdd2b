"""Identifiers, state machines and events."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest

from shared.kernel.clock import FixedClock, from_text, to_text
from shared.kernel.errors import BaobabError, IllegalTransition
from shared.kernel.events import Envelope, Event
from shared.kernel.ids import (
    Kind,
    SequentialIds,
    UlidIds,
    cell_of,
    created_at,
    derived,
    is_id,
    same_moment,
    ulid_of,
)
from shared.kernel.states import advance, is_final, sources

NOW = datetime(2026, 3, 2, 15, 30, 0, 123000, tzinfo=UTC)


class Light(StrEnum):
    RED = "RED"
    GREEN = "GREEN"
    OFF = "OFF"


MOVES = {
    Light.RED: frozenset({Light.GREEN, Light.OFF}),
    Light.GREEN: frozenset({Light.RED}),
    Light.OFF: frozenset[Light](),
}


def test_an_identifier_carries_kind_cell_and_time() -> None:
    made = UlidIds("ke1", FixedClock(NOW)).new(Kind.DEPOSIT)
    assert is_id(made, Kind.DEPOSIT)
    assert not is_id(made, Kind.USER)
    assert (cell_of(made), created_at(made)) == ("ke1", NOW)


def test_identifiers_sort_by_time_and_do_not_repeat() -> None:
    clock = FixedClock(NOW)
    ids = UlidIds("ke1", clock)
    made = []
    for _ in range(50):
        made.append(ids.new(Kind.ORDER))
        clock.advance(timedelta(milliseconds=1))
    assert sorted(made) == made
    assert len(set(made)) == 50


@pytest.mark.parametrize(
    "text",
    [
        "",
        "usr_ke1_",
        "usr_KE1_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "usr_ke1_01ARZ3NDEKTSV4RRFFQ69G5FAI",
        "usr_ke1_81ARZ3NDEKTSV4RRFFQ69G5FAV",
        "usr_ke1_01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
    ],
)
def test_malformed_identifiers_are_none(text: str) -> None:
    assert not is_id(text, Kind.USER)
    with pytest.raises(ValueError, match="malformed"):
        ulid_of(text)


def test_related_identifiers_are_deterministic() -> None:
    deposit = SequentialIds("t1", FixedClock(NOW)).new(Kind.DEPOSIT)
    plan = same_moment(Kind.PLAN, deposit)
    assert ulid_of(plan) == ulid_of(deposit)
    first, second = derived(Kind.ORDER, plan, "VTI"), derived(Kind.ORDER, plan, "BND")
    assert first == derived(Kind.ORDER, plan, "VTI")
    assert first != second
    assert created_at(first) == created_at(plan)


def test_a_cell_is_short_and_plain() -> None:
    with pytest.raises(ValueError, match="cell"):
        UlidIds("Nairobi-1")


def test_a_state_machine_allows_its_moves_only() -> None:
    assert advance(MOVES, Light.RED, Light.GREEN) is Light.GREEN
    with pytest.raises(IllegalTransition) as refused:
        advance(MOVES, Light.OFF, Light.RED)
    assert refused.value.values == {"what": "Light", "source": "OFF", "target": "RED"}
    assert sources(MOVES, Light.RED) == frozenset({Light.GREEN})
    assert is_final(MOVES, Light.OFF)


def test_events_travel_in_an_envelope_and_come_back_typed() -> None:
    class LightChangedV1(Event):
        type = "tests.light_changed"
        colour: Light

    sealed = Envelope.seal(
        LightChangedV1(colour=Light.RED), id="evt_1", at=NOW, correlation_id="c1"
    )
    assert sealed.type == "tests.light_changed.v1"
    again = Envelope.model_validate_json(sealed.model_dump_json()).open()
    assert again == LightChangedV1(colour=Light.RED)
    with pytest.raises(KeyError):
        Envelope.model_validate(sealed.model_dump() | {"type": "tests.unknown.v1"}).open()


def test_errors_speak_english_and_swahili() -> None:
    error = IllegalTransition(what="Deposit", source="FAILED", target="SETTLED")
    assert error.message() == "Deposit cannot go from FAILED to SETTLED."
    assert error.message("sw") == "Deposit haiwezi kutoka FAILED kwenda SETTLED."
    with pytest.raises(TypeError, match="belongs to"):
        type("Impostor", (BaobabError,), {"code": "NOT_FOUND"})


def test_instants_survive_their_text_and_need_an_offset() -> None:
    assert from_text(to_text(NOW)) == NOW
    assert from_text("2026-03-02T10:30:00.123-05:00") == NOW
    with pytest.raises(ValueError, match="offset"):
        from_text("2026-03-02T10:30:00")
