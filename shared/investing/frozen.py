"""Values as they are stored with a plan: immutable, strict, and always of the same text. Pure."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: it never changes, and knows no other fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical(content: Any) -> str:
    """JSON with sorted keys and without spaces."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
