"""Starts the embedded AWS in the foreground; settings are the emulator's own variables."""

import decimal
import importlib
import sys


def keep_38_digits() -> None:
    """DynamoDB numbers hold 38 digits; the emulator counts in Python's default of 28.

    Has to happen before the emulator starts its threads: each copies the default context.
    """
    decimal.DefaultContext.prec = 38
    decimal.setcontext(decimal.Context(prec=38))


def main() -> None:
    keep_38_digits()
    corrections = (
        "cloudformation",
        "permissions",
        "queues",
        "streams",
        "thrift",
        "warmth",
        "workers",
    )
    for name in corrections:
        importlib.import_module(f"tools.embedded_aws.{name}").apply()
    sys.argv = sys.argv[:1]
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
