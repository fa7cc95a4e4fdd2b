"""Sentences about plans and orders, in English and Swahili, by cause."""

from collections.abc import Mapping

from shared.investing.inputs import Cause
from shared.investing.model import Side
from shared.investing.plan import PlanOutcome

type Texts = Mapping[str, str]

_AIM: Texts = {
    "en": "your plan for risk level {score} of 5 aims for {target} % in it and it was at "
    "{actual} %; with this plan it comes to {after} %.",
    "sw": "mpango wako wa kiwango cha hatari {score} kati ya 5 unalenga {target} % na ulikuwa na "
    "{actual} %; kwa mpango huu inafika {after} %.",
}
_BUYS: Texts = {
    "en": "This order buys {name} ({symbol}) for {amount} because ",
    "sw": "Agizo hili linanunua {name} ({symbol}) kwa {amount} kwa sababu ",
}
_SELLS: Texts = {
    "en": "This order sells {shares} of {name} ({symbol}), about {amount}, because ",
    "sw": "Agizo hili linauza {shares} za {name} ({symbol}), takriban {amount}, kwa sababu ",
}
_ROUND: Texts = {
    "en": "a rebalance brings your portfolio back to its target: ",
    "sw": "uwekezaji wako unarudishwa kwenye lengo lake: ",
}
_NEEDS: Texts = {
    "en": "and what is furthest above its target is sold first: ",
    "sw": "na kinachozidi lengo zaidi kinauzwa kwanza: ",
}


def _joined(*parts: Texts) -> Texts:
    return {language: "".join(part[language] for part in parts) for language in ("en", "sw")}


ORDERS: Mapping[tuple[Cause, Side], Texts] = {
    (Cause.DEPOSIT, Side.BUY): _joined(_BUYS, _AIM),
    (Cause.DIVIDEND, Side.BUY): _joined(
        _BUYS,
        {
            "en": "a dividend of {asked} is invested again: ",
            "sw": "gawio la {asked} linawekezwa tena: ",
        },
        _AIM,
    ),
    (Cause.REBALANCE, Side.BUY): _joined(_BUYS, _ROUND, _AIM),
    (Cause.REBALANCE, Side.SELL): _joined(_SELLS, _ROUND, _AIM),
    (Cause.WITHDRAWAL, Side.SELL): _joined(
        _SELLS,
        {
            "en": "you withdraw {asked}, which your cash does not cover, ",
            "sw": "unatoa {asked}, ambazo taslimu yako haitoshi, ",
        },
        _NEEDS,
        _AIM,
    ),
    (Cause.FEE, Side.SELL): _joined(
        _SELLS,
        {
            "en": "a fee of {asked} is due, which your cash does not cover, ",
            "sw": "ada ya {asked} inadaiwa, ambayo taslimu yako haitoshi, ",
        },
        _NEEDS,
        _AIM,
    ),
}
CLOSES: Texts = _joined(
    _SELLS,
    {
        "en": "you take out everything: all that can be sold is sold, whatever its target is.",
        "sw": "unatoa kila kitu: vyote vinavyoweza kuuzwa vinauzwa, bila kujali lengo.",
    },
)
"""Of an order that a withdrawal of everything makes."""
GAIN: Texts = {
    "en": " The gain is expected to be {gain}.",
    "sw": " Faida inayotarajiwa ni {gain}.",
}
LOSS: Texts = {
    "en": " The loss is expected to be {gain}.",
    "sw": " Hasara inayotarajiwa ni {gain}.",
}

SOLD: Texts = {
    "en": "About {sold} is raised by selling in {sells} orders. ",
    "sw": "Takriban {sold} zinapatikana kwa kuuza kwa maagizo {sells}. ",
}
BOUGHT: Texts = {
    "en": "{amount} is invested in {count} orders; {left} stays cash.",
    "sw": "{amount} imewekezwa kwa maagizo {count}; {left} inabaki taslimu.",
}
KEPT: Texts = {
    "en": "{left} is cash then.",
    "sw": "Kisha {left} ni taslimu.",
}
_PLANS: Mapping[PlanOutcome, Texts] = {
    PlanOutcome.NOTHING_TO_BUY: {
        "en": "There is too little for one order. {left} stays cash for your next deposit.",
        "sw": "Kiasi ni kidogo mno kwa agizo moja. {left} inabaki taslimu kwa amana ijayo.",
    },
    PlanOutcome.ON_TARGET: {
        "en": "Nothing had to be bought or sold: your portfolio is near its target. "
        "{left} stays cash.",
        "sw": "Hakuna kilichohitaji kununuliwa au kuuzwa: uwekezaji wako uko karibu na lengo "
        "lake. {left} inabaki taslimu.",
    },
}
_REFUSED: Mapping[bool, Texts] = {
    False: {
        "en": "Nothing was bought, because: {reasons}. {left} stays cash.",
        "sw": "Hakuna kilichonunuliwa, kwa sababu: {reasons}. {left} inabaki taslimu.",
    },
    True: {
        "en": "Nothing was sold, because: {reasons}. {left} stays cash.",
        "sw": "Hakuna kilichouzwa, kwa sababu: {reasons}. {left} inabaki taslimu.",
    },
}
_COVERED: Texts = {
    "en": "Nothing had to be sold: your cash covers {asked}. {left} stays cash.",
    "sw": "Hakuna kilichohitaji kuuzwa: taslimu yako inatosha {asked}. {left} inabaki taslimu.",
}


_NOTHING_HELD: Texts = {
    "en": "Nothing is held that could be sold. {left} is cash.",
    "sw": "Hakuna kinachoweza kuuzwa. {left} ni taslimu.",
}


def of_plan(
    outcome: PlanOutcome, *, raising: bool, sells: int, buys: int, everything: bool = False
) -> Texts:
    """The sentences about a plan: by what it came to and whether it raises cash, or all of it."""
    if outcome is PlanOutcome.REFUSED:
        return _REFUSED[raising]
    if outcome is PlanOutcome.PLANNED:
        return _joined(*([SOLD] if sells else []), BOUGHT if buys else KEPT)
    if everything:
        return _NOTHING_HELD
    return _COVERED if raising else _PLANS[outcome]
