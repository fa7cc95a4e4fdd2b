"""`expand[]`: ids replaced by the objects they name."""

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import Json
from sandbox.stripe.state import StripeState

MAX_DEPTH = 4

# By object type: the property, where such objects are kept, and of which type they are.
EXPANDABLE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "checkout.session": {
        "customer": ("customers", "customer"),
        "payment_intent": ("intents", "payment_intent"),
        "line_items": ("line_items", "list"),
    },
    "payment_intent": {
        "customer": ("customers", "customer"),
        "latest_charge": ("charges", "charge"),
        "payment_method": ("methods", "payment_method"),
    },
    "charge": {
        "balance_transaction": ("balance_transactions", "balance_transaction"),
        "payment_intent": ("intents", "payment_intent"),
    },
    "balance_transaction": {"source": ("sources", "source")},
    "refund": {
        "balance_transaction": ("balance_transactions", "balance_transaction"),
        "failure_balance_transaction": ("balance_transactions", "balance_transaction"),
        "charge": ("charges", "charge"),
        "payment_intent": ("intents", "payment_intent"),
    },
    "dispute": {
        "charge": ("charges", "charge"),
        "payment_intent": ("intents", "payment_intent"),
    },
    "transfer": {"balance_transaction": ("balance_transactions", "balance_transaction")},
    "payout": {"balance_transaction": ("balance_transactions", "balance_transaction")},
}


def expand_paths(object_type: str, value: Any) -> list[list[str]]:
    """The parameter `expand` of a request for such an object, each path split at its dots.

    Raises:
        StripeError: 400, not a list, or a path names something that cannot be expanded.
    """
    if not isinstance(value, list):
        raise StripeError(400, "Invalid array", code="parameter_invalid", param="expand")
    paths = [path.split(".") if isinstance(path, str) else [] for path in value]
    for path in paths:
        if not 1 <= len(path) <= MAX_DEPTH:
            raise StripeError(400, "Invalid expand path", param="expand")
        node = object_type
        for name in path:
            if name not in EXPANDABLE.get(node, {}):
                raise StripeError(
                    400,
                    f"This property cannot be expanded ({'.'.join(path)}).",
                    code="property_not_expandable",
                )
            node = EXPANDABLE[node][name][1]
    return paths


def expanded(subject: Json, paths: list[list[str]], state: StripeState) -> Json:
    """A copy of `subject` with each of its checked paths filled in."""
    answer = copy.deepcopy(subject)
    for path in paths:
        node: Json | None = answer
        for name in path:
            node = None if node is None else _filled(node, name, state)
    return answer


def expanded_list(listed: Json, object_type: str, value: Any, state: StripeState) -> Json:
    """A list whose `expand` names properties of its objects, such as `data.source`.

    Raises:
        StripeError: 400.
    """
    if not isinstance(value, list):
        raise StripeError(400, "Invalid array", code="parameter_invalid", param="expand")
    paths = expand_paths(object_type, [str(path).removeprefix("data.") for path in value])
    return {**listed, "data": [expanded(one, paths, state) for one in listed["data"]]}


def _filled(node: Json, name: str, state: StripeState) -> Json | None:
    """The object under `name`, put in the place of its id; None where there is none yet."""
    where, object_type = EXPANDABLE[node["object"]][name]
    known: dict[str, Json] = getattr(state, where)
    value = node["id"] if object_type == "list" else node[name]
    if isinstance(value, str):
        # What the sandbox does not show as an object stays an id.
        value = node[name] = copy.deepcopy(known.get(value, value))
    return value if isinstance(value, dict) else None
