"""Handlers of the workers of investing, imported with an environment of their own."""

import importlib

import pytest

from tests.functions.investing_workers import ENVIRONMENT


@pytest.fixture
def investing_worker(monkeypatch):
    """The handler module of a worker, by its folder's name."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return lambda name: importlib.import_module(f"functions.{name}.handler")
