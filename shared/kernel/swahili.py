"""What a value must be, in Swahili, by the English words; ``{}`` stands for what varies."""

import re
from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "asks for too much at once; ask in parts": (
        "linaomba mengi mno kwa wakati mmoja; omba kwa sehemu"
    ),
    "cannot be given to a person": "haiwezi kupewa mtu",
    "is not an IP address": "si anwani ya IP",
    "must answer each question once, by its keys": (
        "lazima ijibu kila swali mara moja, kwa vitambulisho vyake"
    ),
    "must be 0 to 1000000.00": "lazima iwe 0 hadi 1000000.00",
    "must be 1 to {}": "lazima iwe 1 hadi {}",
    "must be 0 to 10000 basis points": "lazima iwe pointi msingi 0 hadi 10000",
    "must be 2000 to 2099": "lazima iwe 2000 hadi 2099",
    "needs a rate of tax to choose lots by": "inahitaji kiwango cha kodi cha kuchagua mafungu",
    "must be 1 to 255 visible ASCII characters": (
        "lazima iwe na herufi 1 hadi 255 za ASCII zinazoonekana"
    ),
    "must be {} to {} per cent": "lazima iwe asilimia {} hadi {}",
    "must be a Kenyan mobile number": "lazima iwe nambari ya simu ya mkononi ya Kenya",
    "must be a country to whose banks we pay": "lazima iwe nchi ambayo tunalipa benki zake",
    "must be a date in the past": "lazima iwe tarehe iliyopita",
    "must be a living person's date of birth": ("lazima iwe tarehe ya kuzaliwa ya mtu aliye hai"),
    "must be a number such as +254712345678": "lazima iwe nambari kama +254712345678",
    "must be a plain decimal number": "lazima iwe nambari ya kawaida ya desimali",
    "must be a postal code": "lazima iwe msimbo wa posta",
    "must be a routing number of nine digits": "lazima iwe nambari ya benki ya tarakimu tisa",
    "must be a tax identifier": "lazima iwe nambari ya mlipa kodi",
    "must be an IBAN of this country": "lazima iwe IBAN ya nchi hii",
    "must be an ISO 3166-1 alpha-3 code such as KEN": (
        "lazima iwe msimbo wa nchi wa ISO 3166-1 alpha-3 kama KEN"
    ),
    "must be an account number": "lazima iwe nambari ya akaunti",
    "must be an e-mail address": "lazima iwe anwani ya barua pepe",
    "must be an existing kind of phone number": "lazima iwe aina iliyopo ya nambari ya simu",
    "must agree with both amounts": "lazima kilingane na viwango vyote viwili",
    "must be 4 to 80 letters, digits and signs of _:.#-": (
        "lazima iwe herufi, tarakimu na alama za _:.#- kati ya 4 na 80"
    ),
    "must be another currency": "lazima iwe sarafu nyingine",
    "must be given for conversions, only": "lazima itolewe kwa ubadilishaji wa sarafu pekee",
    "must be given for what a gateway does, only": (
        "lazima itolewe kwa kinachofanywa na njia ya malipo pekee"
    ),
    "must be a day within 80 years": "lazima iwe siku ndani ya miaka 80",
    "must be assets that we invest in": "lazima ziwe mali ambazo tunawekeza",
    "must be at least {}": "lazima isiwe chini ya {}",
    "must be at most {} identifiers": "lazima iwe vitambulisho visivyozidi {}",
    "must be given for ACCOUNT, only": "lazima itolewe kwa ACCOUNT pekee",
    "must be given for BROKER, only": "lazima itolewe kwa BROKER pekee",
    "must be given for BY_HAND, only": "lazima itolewe kwa BY_HAND pekee",
    "must be given for VOLATILITY, only": "lazima itolewe kwa VOLATILITY pekee",
    "must be given for money of our own bank": (
        "lazima itolewe kwa pesa zilizo katika benki yetu wenyewe"
    ),
    "must be one that can take it": "lazima iwe inayoweza kupokea malipo haya",
    "must be given": "lazima itolewe",
    "must be given, or all, and not both": "lazima itolewe, au `all`, si zote mbili",
    "must be given, or a bank, and not both": "lazima itolewe, au benki, si zote mbili",
    "must name each asset once": "lazima itaje kila mali mara moja",
    "must be in dollars": "lazima iwe kwa dola",
    "must be left out beside an IBAN": "lazima iachwe palipo na IBAN",
    "must not be longer ago than {} days": "isiwe zaidi ya siku {} zilizopita",
    "must be one of {}": "lazima iwe mojawapo ya {}",
    "must be positive and finite": "lazima iwe chanya na yenye kikomo",
    "must be the BIC of a bank there": "lazima iwe BIC ya benki ya huko",
    "must be up to 60 letters, digits and signs of -/._ with a digit among them": (
        "lazima iwe herufi, tarakimu na alama za -/._ zisizozidi 60, na tarakimu angalau moja"
    ),
    "must be true or false": "lazima iwe true au false",
    "must be within a year from today": "lazima iwe ndani ya mwaka mmoja kuanzia leo",
    "must be written as in your identity document": (
        "lazima iandikwe kama ilivyo kwenye kitambulisho chako"
    ),
    "must be {} to {} characters of plain text": (
        "lazima iwe na herufi {} hadi {} za maandishi ya kawaida"
    ),
    "must be positive": "lazima iwe chanya",
    "must be 1 to 64 letters, digits, dots, colons or dashes": (
        "lazima iwe herufi, tarakimu, nukta, nukta pacha au vistari 1 hadi 64"
    ),
    "must not lie ahead of now": "isiwe ya wakati ujao",
    "must have 1 to {} characters": "lazima iwe na herufi 1 hadi {}",
    "must have at most {} characters and no space at its ends": (
        "lazima iwe na herufi zisizozidi {}, bila nafasi mwanzoni wala mwishoni"
    ),
    "must have at most {} decimals": "lazima iwe na desimali zisizozidi {}",
    "must not contain control characters": "lazima isiwe na herufi za udhibiti",
}


def in_swahili(reason: str) -> str:
    """The reason of an InvalidValue; one that is not known stays as it is."""
    if reason in REASONS:
        return REASONS[reason]
    for english, swahili in REASONS.items():
        found = re.fullmatch(re.escape(english).replace(r"\{\}", "(.+)"), reason, re.DOTALL)
        if found is not None:
            return swahili.format(*found.groups())
    return reason
