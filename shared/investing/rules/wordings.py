"""Sentences about the rules, in English and Swahili. Values of the check stand in braces; ``over``
is all of them together."""

from collections.abc import Mapping

from shared.investing.rules.names import Rule

CHECKS: Mapping[Rule, Mapping[str, str]] = {
    Rule.DEPOSIT_FUNDED: {
        "en": "The money of the deposit is in your account at the broker.",
        "sw": "Pesa za amana ziko kwenye akaunti yako kwa dalali.",
    },
    Rule.ACCOUNT_ACTIVE: {
        "en": "Your account at the broker may trade.",
        "sw": "Akaunti yako kwa dalali inaweza kufanya biashara.",
    },
    Rule.NO_ORDERS_IN_FLIGHT: {
        "en": "No earlier order was open.",
        "sw": "Hakukuwa na agizo la awali lililo wazi.",
    },
    Rule.MODEL_PUBLISHED: {
        "en": "There is a model portfolio for your risk level.",
        "sw": "Kuna mpango wa uwekezaji wa kiwango chako cha hatari.",
    },
    Rule.MARKET_OPEN: {
        "en": "The market was open at {now}.",
        "sw": "Soko lilikuwa wazi saa {now}.",
    },
    Rule.PRICE_FRESH: {
        "en": "The oldest price was {oldest_seconds} s old; {limit_seconds} s are allowed. "
        "Too old: {stale}.",
        "sw": "Bei ya zamani zaidi ilikuwa na sekunde {oldest_seconds}; {limit_seconds} "
        "zinaruhusiwa. Zilizopitwa na wakati: {stale}.",
    },
    Rule.BREAKER_CLOSED: {
        "en": "Automatic orders are not stopped. Stopped by: {open}.",
        "sw": "Maagizo ya kiotomatiki hayajasimamishwa. Yamesimamishwa na: {open}.",
    },
    Rule.PERSON_ACTIVE: {
        "en": "Your access is active.",
        "sw": "Ufikiaji wako unafanya kazi.",
    },
    Rule.IDENTITY_APPROVED: {
        "en": "Your identity is approved.",
        "sw": "Utambulisho wako umeidhinishwa.",
    },
    Rule.WASH_SALE: {
        "en": "What was sold at a loss in the last {days} days and is bought again makes that loss "
        "count for nothing now: {again}.",
        "sw": "Kilichouzwa kwa hasara ndani ya siku {days} zilizopita na kununuliwa tena hufanya "
        "hasara hiyo isihesabiwe sasa: {again}.",
    },
    Rule.SUITABILITY: {
        "en": "The model's risk level ({model}) is not above yours ({score}).",
        "sw": "Kiwango cha hatari cha mpango ({model}) hakizidi chako ({score}).",
    },
    Rule.CONCENTRATION: {
        "en": "No bought asset outgrows the cap of its kind. {over}",
        "sw": "Hakuna rasilimali iliyonunuliwa inayozidi kikomo chake. {over}",
    },
    Rule.NOT_PLANNED_BEFORE: {
        "en": "This was not planned before.",
        "sw": "Hili halikupangwa hapo awali.",
    },
    Rule.COVERED: {
        "en": "What you hold covers what is to be paid.",
        "sw": "Ulicho nacho kinatosha kinachopaswa kulipwa.",
    },
    Rule.ACCOUNT_FLAGS: {
        "en": "Automatic trading of your account is not stopped. Stopped by: {hold}.",
        "sw": "Biashara ya kiotomatiki ya akaunti yako haijasimamishwa. Imesimamishwa na: {hold}.",
    },
    Rule.RESTRICTED_LIST: {
        "en": "No order is for a restricted asset. Left out: {left_out}. Against the list: "
        "{against}.",
        "sw": "Hakuna agizo la rasilimali iliyozuiwa. Zilizoachwa: {left_out}. Kinyume na "
        "orodha: {against}.",
    },
    Rule.DUPLICATE_ORDER: {
        "en": "No symbol has two orders (such: {twice}). The same orders within "
        "{window_seconds} s before: {again}.",
        "sw": "Hakuna rasilimali yenye maagizo mawili (zilizo nayo: {twice}). Maagizo yale yale "
        "ndani ya sekunde {window_seconds} zilizopita: {again}.",
    },
    Rule.ORDER_SIZE: {
        "en": "The largest purchase is {share} of your account; {limit} is allowed. The largest "
        "order is {largest_minor} cents of {limit_minor}.",
        "sw": "Ununuzi mkubwa zaidi ni {share} ya akaunti yako; {limit} inaruhusiwa. Agizo kubwa "
        "zaidi ni senti {largest_minor} kati ya {limit_minor}.",
    },
    Rule.ORDER_VOLUME: {
        "en": "The largest order is {largest} of what is traded on a usual day ({symbol}); "
        "{limit} is allowed. Volume not known: {unknown}.",
        "sw": "Agizo kubwa zaidi ni {largest} ya kinachouzwa siku ya kawaida ({symbol}); {limit} "
        "inaruhusiwa. Kiasi kisichojulikana: {unknown}.",
    },
    Rule.SETTLED_FUNDS: {
        "en": "The purchases cost {bought_minor} cents of {settled_minor} that have settled; "
        "{unsettled_minor} have not.",
        "sw": "Ununuzi unagharimu senti {bought_minor} kati ya {settled_minor} zilizokamilika; "
        "{unsettled_minor} bado.",
    },
    Rule.GOOD_FAITH: {
        "en": "Nothing is sold before it has settled. Such: {early}, while {unsettled_minor} "
        "cents have not settled.",
        "sw": "Hakuna kinachouzwa kabla ya malipo kukamilika. Zilizo hivyo: {early}, huku senti "
        "{unsettled_minor} hazijakamilika.",
    },
    Rule.PATTERN_DAY_TRADING: {
        "en": "{day_trades} day trades in {sessions} sessions; {limit} are allowed in an account "
        "that borrows. Yours: {account}.",
        "sw": "Biashara {day_trades} za siku moja ndani ya vikao {sessions}; {limit} zinaruhusiwa "
        "kwa akaunti inayokopa. Yako: {account}.",
    },
    Rule.DAILY_LOSS: {
        "en": "What you hold has lost {loss} since the last close; from {limit} on automatic "
        "orders wait. Close not known: {unknown}.",
        "sw": "Ulicho nacho kimepoteza {loss} tangu soko lifunge; kuanzia {limit} maagizo ya "
        "kiotomatiki husubiri. Bei isiyojulikana: {unknown}.",
    },
    Rule.TURNOVER: {
        "en": "Rebalances sell {today} of the portfolio today and {days} lately.",
        "sw": "Marekebisho yanauza {today} ya uwekezaji leo na {days} siku za karibuni.",
    },
    Rule.ISSUER_CONCENTRATION: {
        "en": "No bought issuer outgrows its cap. {over}",
        "sw": "Hakuna mtoaji aliyenunuliwa anayezidi kikomo chake. {over}",
    },
    Rule.SECTOR_CONCENTRATION: {
        "en": "No bought sector outgrows its cap. {over}",
        "sw": "Hakuna sekta iliyonunuliwa inayozidi kikomo chake. {over}",
    },
    Rule.CURRENCY_CONCENTRATION: {
        "en": "No bought currency outgrows its cap. {over}",
        "sw": "Hakuna sarafu iliyonunuliwa inayozidi kikomo chake. {over}",
    },
}
