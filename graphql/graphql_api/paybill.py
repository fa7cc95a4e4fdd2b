"""Paying in from the menu of a phone, without asking for it here first."""

from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type


@object_type(
    description="How a person pays in from the M-Pesa menu of a phone: to which business number, "
    "and under which account number. Both stay the same."
)
class PayReference:
    """See the description."""

    paybill: str = field(INHERITED, "The business number.")
    account: str = field(
        INHERITED,
        "The person's own account number, eight letters and digits with a check character. "
        "Capital or small letters, spaces and hyphens do not matter.",
    )


@object_type()
class PaybillFields:
    """What a person reads about paying from a phone's menu."""

    @field(
        SIGNED_IN,
        "How to pay in from the M-Pesa menu of a phone. Null until the person may pay in.",
    )
    def pay_reference(self, info: Info) -> PayReference | None:
        """See the description."""
        context = info.context
        context.count_read()
        account = context.app.pay_references.pay_reference(context.user_id)
        if account is None:
            return None
        return PayReference(paybill=context.app.settings.mpesa_paybill, account=account)
