"""Questionnaire 2026-1, circumstances: 0-4 points each, 28 in all.

Some circumstances limit the score whatever the rest says: money that is needed soon, no
savings for emergencies, and debts that eat more than half of the income.
"""

from shared.risk.model import Aspect, Question
from shared.risk.questionnaires.writing import question

CAPACITY: tuple[Question, ...] = (
    question(
        "horizon",
        Aspect.HORIZON,
        (
            "When do you expect to need most of this money?",
            "Unatarajia kuhitaji sehemu kubwa ya pesa hizi lini?",
        ),
        (0, 1, 2, 3, 4),
        ("Within one year", "Ndani ya mwaka mmoja"),
        ("In one to three years", "Baada ya mwaka mmoja hadi mitatu"),
        ("In three to five years", "Baada ya miaka mitatu hadi mitano"),
        ("In six to ten years", "Baada ya miaka sita hadi kumi"),
        ("In more than ten years", "Baada ya zaidi ya miaka kumi"),
        ceilings=(1, 1, 2, 4, 5),
    ),
    question(
        "income",
        Aspect.CAPACITY,
        (
            "How steady is the income of your household?",
            "Mapato ya kaya yako ni ya uhakika kiasi gani?",
        ),
        (0, 1, 2, 4),
        ("There is no regular income", "Hakuna mapato ya kawaida"),
        ("It changes a lot from month to month", "Hubadilika sana mwezi hadi mwezi"),
        ("It changes a little", "Hubadilika kidogo"),
        ("It is steady and safe", "Ni ya uhakika na salama"),
    ),
    question(
        "emergency_fund",
        Aspect.CAPACITY,
        (
            "How long could you live on savings that you would not invest here?",
            "Unaweza kuishi kwa muda gani kwa akiba ambayo hutawekeza hapa?",
        ),
        (0, 1, 2, 4),
        ("I have no such savings", "Sina akiba kama hiyo"),
        ("Up to two months", "Hadi miezi miwili"),
        ("Three to six months", "Miezi mitatu hadi sita"),
        ("More than six months", "Zaidi ya miezi sita"),
        ceilings=(2, 5, 5, 5),
    ),
    question(
        "debt",
        Aspect.CAPACITY,
        (
            "How much of your monthly income goes into repaying debts?",
            "Ni kiasi gani cha mapato yako ya mwezi hulipia madeni?",
        ),
        (0, 1, 3, 4),
        ("More than half", "Zaidi ya nusu"),
        ("A third to a half", "Theluthi hadi nusu"),
        ("Less than a third", "Chini ya theluthi"),
        ("I have no debts", "Sina madeni"),
        ceilings=(2, 5, 5, 5),
    ),
    question(
        "share_of_wealth",
        Aspect.CAPACITY,
        (
            "How much of everything you own will you invest here?",
            "Utawekeza hapa sehemu gani ya mali yako yote?",
        ),
        (0, 1, 3, 4),
        ("More than three quarters", "Zaidi ya robo tatu"),
        ("A half to three quarters", "Nusu hadi robo tatu"),
        ("A quarter to a half", "Robo hadi nusu"),
        ("Less than a quarter", "Chini ya robo"),
    ),
    question(
        "age",
        Aspect.CAPACITY,
        ("How old are you?", "Una umri gani?"),
        (0, 1, 2, 3, 4),
        ("70 or older", "Miaka 70 au zaidi"),
        ("60 to 69", "Miaka 60 hadi 69"),
        ("50 to 59", "Miaka 50 hadi 59"),
        ("35 to 49", "Miaka 35 hadi 49"),
        ("18 to 34", "Miaka 18 hadi 34"),
    ),
    question(
        "dependants",
        Aspect.CAPACITY,
        (
            "How many people depend on your income?",
            "Watu wangapi wanategemea mapato yako?",
        ),
        (0, 2, 3, 4),
        ("Five or more", "Watano au zaidi"),
        ("Three or four", "Watatu au wanne"),
        ("One or two", "Mmoja au wawili"),
        ("Nobody", "Hakuna"),
    ),
)
