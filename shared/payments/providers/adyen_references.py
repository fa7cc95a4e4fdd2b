"""Our reference at Adyen: it is signed in every notification, so it says all that is needed."""

from shared.kernel.ids import Kind, cell_of, is_id

LENGTH_MAX = 80
"""Adyen's limit; two identifiers and a dot have at most 79 characters."""


def reference_of(user_id: str, subject_id: str) -> str:
    """The reference of a person's deposit or payout."""
    return f"{user_id}.{subject_id}"


def named_in(reference: object, kind: Kind, cell: str) -> tuple[str, str] | None:
    """The person and their deposit or payout; None for what is no such reference of this cell,
    such as another product's payment in the same merchant account."""
    user_id, dot, subject_id = reference.partition(".") if isinstance(reference, str) else ("",) * 3
    if not dot or not (is_id(user_id, Kind.USER) and is_id(subject_id, kind)):
        return None
    return (user_id, subject_id) if {cell_of(user_id), cell_of(subject_id)} == {cell} else None
