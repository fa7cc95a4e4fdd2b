"""Whether two spellings can be one person's name. Pure."""

import re
import unicodedata
from collections import Counter

TOKENS_MIN = 2
"""Of each name: a single word is borne by too many."""

_WITHIN = re.compile(r"['\u2018\u2019\u02bb\u02bc`\u00b4]")
"""Marks inside of a word, as in Ng'ang'a, that people leave out."""
_WORDS = re.compile(r"[^\W\d_]+")
# Letters that Unicode does not take apart, as passports write them (ICAO Doc 9303-3, section 6).
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, sorted, without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", _WITHIN.sub("", name).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(sorted(_WORDS.findall(bare.casefold().translate(_LETTERS))))


def same_person(one: str, other: str) -> bool:
    """Whether all words of the shorter name are among those of the longer one, in any order.

    Both need at least two words: one shared given name proves nothing.
    """
    shorter, longer = sorted((Counter(tokens(one)), Counter(tokens(other))), key=Counter.total)
    return shorter.total() >= TOKENS_MIN and shorter <= longer
