"""The official client."""

import pytest

from tests.sandbox.adyen.shop import client_of


@pytest.fixture
def checkout(sandbox):
    return client_of(sandbox)
