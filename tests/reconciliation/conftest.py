"""The sandbox, as the tests of payments have it."""

from tests.payments.conftest import fault, sandbox, sandbox_url

__all__ = ["fault", "sandbox", "sandbox_url"]
