"""The sandbox, as the tests of payments have it."""

from tests.payments.conftest import sandbox, sandbox_url

__all__ = ["sandbox", "sandbox_url"]
