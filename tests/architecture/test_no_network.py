"""The tests reach nothing but this machine."""

import socket

import pytest


def test_a_connection_to_another_machine_is_refused() -> None:
    # The plugin warns before it raises, and here warnings are errors.
    with pytest.raises((RuntimeError, UserWarning), match=r'tried to use .* host "192\.0\.2\.1"'):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
