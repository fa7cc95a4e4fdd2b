"""Questionnaire 2026-1, willingness: keyed like the thirteen items of Grable and Lytton (1999).

The first item counts downwards (4, 3, 2, 1), items 4, 5 and 12 have three choices (1, 2, 3),
items 9 and 10 two (1, 3) and the others four (1, 2, 3, 4): 13 to 47 points.
"""

from shared.risk.model import Aspect, Question
from shared.risk.questionnaires.writing import question

_T = Aspect.TOLERANCE
_FOUR = (1, 2, 3, 4)
_THREE = (1, 2, 3)
_TWO = (1, 3)

TOLERANCE: tuple[Question, ...] = (
    question(
        "described_by_friends",
        _T,
        (
            "A good friend is asked how you handle money. What would the friend say?",
            "Rafiki yako wa karibu anaulizwa unavyoshughulikia pesa. Angesema nini?",
        ),
        (4, 3, 2, 1),
        ("Loves to take a chance", "Hupenda kubahatisha"),
        ("Takes risks after checking them", "Huchukua hatari baada ya kuzichunguza"),
        ("Is careful", "Ni mwangalifu"),
        ("Avoids every risk", "Huepuka kila hatari"),
    ),
    question(
        "prize",
        _T,
        (
            "You have won a prize and may choose its form. Which do you take?",
            "Umeshinda zawadi na unaweza kuchagua namna yake. Unachukua ipi?",
        ),
        _FOUR,
        ("KES 50,000 now", "KES 50,000 sasa hivi"),
        ("One chance in two of KES 200,000", "Nafasi moja kati ya mbili ya KES 200,000"),
        ("One chance in five of KES 700,000", "Nafasi moja kati ya tano ya KES 700,000"),
        ("One chance in twenty of KES 4,000,000", "Nafasi moja kati ya ishirini ya KES 4,000,000"),
    ),
    question(
        "plans_disturbed",
        _T,
        (
            "You have saved for a long journey. A week before it, your employer closes. You…",
            "Umeweka akiba kwa safari ndefu. Wiki moja kabla, mwajiri wako anafunga. Una…",
        ),
        _FOUR,
        ("cancel the journey", "futa safari"),
        ("choose a much simpler one", "chagua safari rahisi zaidi"),
        ("go as planned, to be rested for new work", "safiri kama ilivyopangwa"),
        (
            "make it longer: there may be no other time",
            "ongeza muda: huenda hakuna wakati mwingine",
        ),
    ),
    question(
        "unexpected_money",
        _T,
        (
            "You receive KES 500,000 that you did not expect. What do you do with it?",
            "Unapokea KES 500,000 ambazo hukutarajia. Unazifanyia nini?",
        ),
        _THREE,
        ("Put it into a savings account", "Kuziweka katika akaunti ya akiba"),
        ("Invest it in safe bonds", "Kuziwekeza katika hati fungani salama"),
        ("Invest it in shares", "Kuziwekeza katika hisa"),
    ),
    question(
        "ease_with_shares",
        _T,
        (
            "How comfortable are you with investing in shares?",
            "Una utulivu kiasi gani unapowekeza katika hisa?",
        ),
        _THREE,
        ("Not comfortable at all", "Sina utulivu kabisa"),
        ("Somewhat comfortable", "Nina utulivu kiasi"),
        ("Very comfortable", "Nina utulivu sana"),
    ),
    question(
        "risk_means",
        _T,
        (
            "What do you think of first when you hear the word risk?",
            "Unafikiria nini kwanza unaposikia neno hatari?",
        ),
        _FOUR,
        ("Loss", "Hasara"),
        ("Uncertainty", "Kutokuwa na uhakika"),
        ("Opportunity", "Fursa"),
        ("Excitement", "Msisimko"),
    ),
    question(
        "bonds_or_things",
        _T,
        (
            "Prices of land and gold may rise; safe bonds may lose. Your money is in bonds. You…",
            "Bei za ardhi na dhahabu huenda zikapanda; hati fungani zikashuka. Una…",
        ),
        _FOUR,
        ("keep the bonds", "endelea na hati fungani"),
        (
            "sell them; half into savings, half into land",
            "ziuza; nusu akiba na nusu ardhi",
        ),
        ("sell them and put all into land", "ziuza na kuweka zote katika ardhi"),
        ("put all into land and borrow for more", "weka zote katika ardhi na kukopa zaidi"),
    ),
    question(
        "split_windfall",
        _T,
        (
            "For one year you choose between these outcomes. Which one?",
            "Kwa mwaka mmoja unachagua kati ya matokeo haya. Lipi?",
        ),
        _FOUR,
        (
            "At best a gain of 4,000, at worst nothing",
            "Bora zaidi faida ya 4,000, mbaya zaidi sifuri",
        ),
        (
            "At best a gain of 16,000, at worst a loss of 4,000",
            "Bora zaidi faida ya 16,000, mbaya zaidi hasara ya 4,000",
        ),
        (
            "At best a gain of 52,000, at worst a loss of 16,000",
            "Bora zaidi faida ya 52,000, mbaya zaidi hasara ya 16,000",
        ),
        (
            "At best a gain of 96,000, at worst a loss of 48,000",
            "Bora zaidi faida ya 96,000, mbaya zaidi hasara ya 48,000",
        ),
    ),
    question(
        "sure_gain",
        _T,
        ("You are given money and may choose. Which?", "Umepewa pesa na unaweza kuchagua. Lipi?"),
        _TWO,
        ("A sure gain of 5,000", "Faida ya hakika ya 5,000"),
        (
            "Toss a coin: a gain of 10,000 or nothing",
            "Rusha sarafu: faida ya 10,000 au sifuri",
        ),
    ),
    question(
        "sure_loss",
        _T,
        ("You must give up money and may choose. Which?", "Lazima upoteze pesa. Unachagua lipi?"),
        _TWO,
        ("A sure loss of 5,000", "Hasara ya hakika ya 5,000"),
        (
            "Toss a coin: a loss of 10,000 or nothing",
            "Rusha sarafu: hasara ya 10,000 au sifuri",
        ),
    ),
    question(
        "inheritance",
        _T,
        (
            "A relative leaves you money that must all go into one thing. Which?",
            "Ndugu amekuachia pesa ambazo zote lazima ziwekwe mahali pamoja. Wapi?",
        ),
        _FOUR,
        ("A savings account", "Akaunti ya akiba"),
        ("A fund of shares and bonds", "Mfuko wa hisa na hati fungani"),
        ("A fund of fifteen shares", "Mfuko wa hisa kumi na tano"),
        ("Gold, silver and oil", "Dhahabu, fedha na mafuta"),
    ),
    question(
        "mix",
        _T,
        (
            "Which mix of low, medium and high risk do you like best?",
            "Unapenda zaidi mchanganyiko upi wa hatari ndogo, ya kati na kubwa?",
        ),
        _THREE,
        ("60% low, 30% medium, 10% high", "60% ndogo, 30% ya kati, 10% kubwa"),
        ("30% low, 40% medium, 30% high", "30% ndogo, 40% ya kati, 30% kubwa"),
        ("10% low, 40% medium, 50% high", "10% ndogo, 40% ya kati, 50% kubwa"),
    ),
    question(
        "split_savings",
        _T,
        (
            "A neighbour founds a firm: it may return fifty-fold, one chance in five. You invest…",
            "Jirani anaanzisha kampuni: huenda ikarudisha mara 50, nafasi 1 kati ya 5. Unawekeza…",
        ),
        _FOUR,
        ("nothing", "sifuri"),
        ("one month's pay", "mshahara wa mwezi mmoja"),
        ("three months' pay", "mshahara wa miezi mitatu"),
        ("half a year's pay", "mshahara wa nusu mwaka"),
    ),
)
