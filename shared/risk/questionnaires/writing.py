"""A short way to write questions down as data."""

from shared.risk.model import HIGHEST, Aspect, Choice, Question, Text

type Bilingual = tuple[str, str]


def question(
    key: str,
    aspect: Aspect,
    text: Bilingual,
    points: tuple[int, ...],
    *choices: Bilingual,
    ceilings: tuple[int, ...] | None = None,
) -> Question:
    """A question whose choices are keyed a, b, c … in the order given.

    ``points`` and ``ceilings`` belong to the choices by position.
    """
    limits = ceilings or (HIGHEST,) * len(choices)
    return Question(
        key,
        aspect,
        Text(*text),
        tuple(
            Choice(letter, Text(*choice), worth, limit)
            for letter, choice, worth, limit in zip(
                "abcdefgh"[: len(choices)], choices, points, limits, strict=True
            )
        ),
    )
