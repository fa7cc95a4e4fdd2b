"""What comes around the edge is not admitted."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.platform.origin import NO_EDGE, Origin
from shared.platform.secrets import MemorySecrets


def edge(**secret: object) -> Origin:
    return Origin(MemorySecrets({"origin": secret}), "origin")


def test_who_shows_the_secret_is_admitted() -> None:
    assert edge(value="right").admits("right")


@pytest.mark.parametrize("shown", ["", "wrong", "righ", "right ", "RIGHT", "right,right", "\ud800"])
def test_whoever_shows_anything_else_is_not(shown: str) -> None:
    assert not edge(value="right").admits(shown)


def test_while_the_secret_changes_both_are_good_and_then_one() -> None:
    changing = edge(value="new", previous="old")
    assert [changing.admits(each) for each in ("new", "old", "older")] == [True, True, False]
    assert not edge(value="new").admits("old")


@pytest.mark.parametrize("secret", [{}, {"value": ""}, {"value": None}, {"previous": ""}])
@pytest.mark.parametrize("shown", ["", "None", "x"])
def test_an_empty_secret_admits_nobody(secret: dict[str, Any], shown: str) -> None:
    assert not edge(**secret).admits(shown)


def test_without_an_edge_everybody_is_admitted() -> None:
    assert NO_EDGE.admits("")
    assert Origin(MemorySecrets({}), None).admits("anything")


def test_a_named_secret_that_nobody_can_read_admits_nobody() -> None:
    assert not Origin(None, "origin").admits("")


def test_a_secret_that_cannot_be_read_is_no_admission() -> None:
    class Down:
        def get(self, name: str) -> Mapping[str, Any]:
            raise ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue")

    with pytest.raises(ClientError):
        Origin(Down(), "origin").admits("right")
