"""The use cases of staff over the parts of this process, and who carries them out."""

from graphql_api.context import Context
from graphql_api.staff_audit import trail_of
from shared.audit.acting import Acting
from shared.audit.duties import Duties
from shared.audit.money import MoneyDuties
from shared.audit.payouts import PayoutDuties
from shared.kyc.review import Review


def duties_of(context: Context) -> Duties:
    """What members of staff can do."""
    app = context.app
    review = Review(app.cases, app.kyc_people, app.facts, app.clock)
    return Duties(app.people, review, trail_of(context))


def money_duties_of(context: Context) -> MoneyDuties:
    """What members of staff can do about money."""
    app = context.app
    back = app.money_back
    # Only those who act about money load it.
    from shared.broker_reconciliation.store import AccountStore

    return MoneyDuties(
        person=app.users.get,
        trail=trail_of(context),
        refunds=back.refunds,
        releasing=back.releasing,
        asking=back.asking,
        resolving=back.resolving,
        following=AccountStore(app.database).after_case,
    )


def payout_duties_of(context: Context) -> PayoutDuties:
    """What members of staff can do about payouts that are stuck."""
    app = context.app
    # Only those who decide about such payouts load it.
    from shared.disputes.standing import StandingDisputes
    from shared.payouts.remedying import Remedying
    from shared.withdrawals.providers.chosen import StoredPayoutAccounts

    remedying = Remedying(
        app.paying_out.payouts,
        StoredPayoutAccounts(app.database),
        StandingDisputes(app.money_back.disputes),
        app.money_back.cases,
        app.facts,
        app.clock,
    )
    return PayoutDuties(app.users.get, app.paying_out.stuck, remedying, trail_of(context))


def acting(context: Context) -> Acting:
    """Whoever asks, in the role that was judged for this request."""
    return Acting.as_staff(context.user())
