"""Lists of the API: newest first, cut into pages, bounded by time."""

from collections.abc import Callable, Sequence

from sandbox.stripe.errors import StripeError, no_such
from sandbox.stripe.objects import Json

MAX_PAGE = 100
DEFAULT_PAGE = 10
PAGING = frozenset({"ending_before", "limit", "starting_after"})


def page(
    items: Sequence[Json], params: Json, url: str, kind: str, fits: Callable[[Json], bool]
) -> Json:
    """One page of `items` (given oldest first) that fit, newest first.

    Raises:
        StripeError: 400 or 404, a parameter does not fit.
    """
    limit = whole(params.get("limit", str(DEFAULT_PAGE)), "limit")
    if not 1 <= limit <= MAX_PAGE:
        raise StripeError(400, "Limit must be between 1 and 100.", param="limit")
    if "ending_before" in params:
        border = _index(items, params["ending_before"], kind)
        newer = [one for one in reversed(items[border + 1 :]) if fits(one)]
        return _list(newer[-limit:], url, has_more=len(newer) > limit)
    if "starting_after" in params:
        items = items[: _index(items, params["starting_after"], kind)]
    found = [one for one in reversed(items) if fits(one)]
    return _list(found[:limit], url, has_more=len(found) > limit)


def check_names(params: Json, *known: str) -> None:
    """Refuses what is not known.

    Raises:
        StripeError: 400.
    """
    for name in params.keys() - PAGING - set(known):
        raise StripeError(
            400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name
        )


def created_within(one: Json, params: Json) -> bool:
    """Whether `created` lies within `created` or `created[gte]` and so on.

    Raises:
        StripeError: 400, no such bound.
    """
    bounds = params.get("created", {})
    created: int = one["created"]
    if not isinstance(bounds, dict):
        return created == whole(bounds, "created")
    checks: dict[str, Callable[[int], bool]] = {
        "gt": lambda bound: created > bound,
        "gte": lambda bound: created >= bound,
        "lt": lambda bound: created < bound,
        "lte": lambda bound: created <= bound,
    }
    for name, text in bounds.items():
        if name not in checks:
            raise StripeError(400, f"Received unknown parameter: created[{name}]")
        if not checks[name](whole(text, f"created[{name}]")):
            return False
    return True


def whole(text: object, param: str) -> int:
    """A whole number out of a form.

    Raises:
        StripeError: 400.
    """
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20):
        raise StripeError(400, f"Invalid integer: {text}", code="parameter_invalid", param=param)
    return int(text)


def _index(items: Sequence[Json], object_id: object, kind: str) -> int:
    for index, one in enumerate(items):
        if one["id"] == object_id:
            return index
    raise no_such(kind, str(object_id))


def _list(data: list[Json], url: str, *, has_more: bool) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
