"""The vendors' control panel: faults, knobs, and what was delivered."""

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Sandbox:
    """The vendors' control panel."""

    url: str
    http: httpx.Client

    def fault(self, vendor: str, operation: str, kind: str, times: int = 1, **params: Any) -> None:
        """Order a fault."""
        order = {"vendor": vendor, "operation": operation, "kind": kind, "times": times}
        self.post("/_control/faults", order | {"params": params})

    def post(self, path: str, body: Any) -> Any:
        """Turn a knob."""
        answer = self.http.post(self.url + path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        """Read something."""
        answer = self.http.get(self.url + path)
        answer.raise_for_status()
        return answer.json()

    def deliveries(self, vendor: str, text: str) -> list[Any]:
        """Attempts of webhooks of a vendor whose body or URL contains a text."""
        sent = self.get("/_control/deliveries")
        rows = sent if isinstance(sent, list) else sent["deliveries"]
        return [row for row in rows if row["vendor"] == vendor and text in row["body"] + row["url"]]
