"""Codes of reasons are told in English and Swahili, each of them, by whichever context."""

import importlib
import pkgutil
from enum import StrEnum
from types import ModuleType

import pytest

import shared


def _worded() -> list[ModuleType]:
    """Modules of reasons with texts."""
    names = [f"shared.{one.name}" for one in pkgutil.iter_modules(shared.__path__)]
    inside = [
        f"{name}.reasons"
        for name in names
        if any(
            one.name == "reasons"
            for one in pkgutil.iter_modules(importlib.import_module(name).__path__)
        )
    ]
    modules = [importlib.import_module(name) for name in inside]
    return [one for one in modules if hasattr(one, "TEXTS")]


WORDED = _worded()


def test_the_contexts_with_reasons_of_their_own_are_these() -> None:
    assert {"shared.payments.reasons", "shared.payouts.reasons"} <= {one.__name__ for one in WORDED}


@pytest.mark.parametrize("module", WORDED, ids=lambda one: one.__name__.split(".")[1])
def test_every_code_has_words_in_both_languages(module: ModuleType) -> None:
    of_texts = {type(code) for code in module.TEXTS}
    for kind in of_texts:
        assert issubclass(kind, StrEnum)
        for code in kind:
            english, swahili = module.TEXTS[code][:2]
            assert english.strip(), code
            assert swahili.strip(), code
            assert english != swahili, code
