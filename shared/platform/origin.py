"""Whether a request came by way of the edge, which alone knows the origin's secret."""

import hmac

from shared.platform.secrets import Secrets

HEADER = "x-origin-verify"
VIEWER = "x-viewer-address"
"""Where the edge writes the address that a request came from, over whatever a client wrote."""


class Origin:
    """Admits what shows the secret; everything where the stage has no edge (``name`` None).

    The secret's JSON is ``{"value": …}``, with ``"previous"`` while it is being changed.
    """

    def __init__(self, secrets: Secrets | None = None, name: str | None = None) -> None:
        self._secrets = secrets
        self._name = name

    def admits(self, shown: str) -> bool:
        """``shown`` is the header's value; compared in constant time.

        Raises what the store of secrets raises: unknown is never admitted.
        """
        if self._name is None or self._secrets is None:
            return self._name is None
        secret = self._secrets.get(self._name)
        known = [str(secret.get(field) or "") for field in ("value", "previous")]
        # Every candidate is compared, so that the time tells nothing about any of them.
        given = shown.encode("utf-8", "surrogatepass")
        equal = [hmac.compare_digest(each.encode(), given) for each in known if each]
        return any(equal)


NO_EDGE = Origin()
"""For stages without an edge."""
