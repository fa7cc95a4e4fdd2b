"""The official client."""

import pytest

from tests.sandbox.stripe.shop import client_of


@pytest.fixture
def client(sandbox):
    return client_of(sandbox)
