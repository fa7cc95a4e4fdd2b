"""JSON whose numbers have exactly the digits that they were given, as the broker writes them."""

import json
import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse

from sandbox.alpaca.wire import decimal_text


def exact_json(content: Any) -> str:
    """Decimals become numbers, never floats: ``0.30`` is ``0.3``, and a nano-share stays one.

    The encoder of the standard library writes nothing but floats and integers as numbers, so that
    each Decimal is written as a text with a mark of this very call, which is then taken away.
    """
    mark = uuid4().hex

    def marked(value: object) -> str:
        if isinstance(value, Decimal):
            return f"{mark}{decimal_text(value)}"
        raise TypeError(f"{type(value).__name__} is no JSON")

    text = json.dumps(content, default=marked, allow_nan=False, separators=(",", ":"))
    return re.sub(rf'"{mark}(-?[0-9.]+)"', r"\1", text)


class ExactResponse(JSONResponse):
    """An answer in it."""

    def render(self, content: Any) -> bytes:
        return exact_json(content).encode()
