"""A rule about what a trade does to earlier losses. Pure."""

from shared.investing.plan import Check, Outcome
from shared.investing.rules.facts import Parameters
from shared.investing.rules.judging import Proposed, named, told
from shared.investing.rules.names import Rule


def wash_sale(proposed: Proposed, parameters: Parameters) -> Check:
    """What was planned to be sold at a loss up to ``days`` days ago is not bought again. It warns:
    nothing is forbidden about it, only the loss does not count."""
    lost = {
        symbol
        for each in proposed.risk.traded.days
        if 0 <= (proposed.today - each.day).days <= parameters["days"]
        for symbol in each.lost
    }
    again = lost.intersection(proposed.bought)
    outcome = Outcome.WARN if again else Outcome.PASS
    return told(Rule.WASH_SALE, outcome, again=named(again), days=parameters["days"])
