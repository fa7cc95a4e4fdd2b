"""What a browser says of itself, in words of ours: free text of clients is kept nowhere."""

from collections.abc import Sequence

TEXT_MAX = 1_000

# The first that is named counts: each of these also names those below it.
_PROGRAMS: Sequence[tuple[str, str]] = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Sequence[tuple[str, str]] = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Such as ``Firefox on Android``, for a person to know their sign-ins again; empty when the
    header tells nothing that is known."""
    text = user_agent[:TEXT_MAX]
    program, system = _named(_PROGRAMS, text), _named(_SYSTEMS, text)
    return f"{program} on {system}" if program and system else program or system


def _named(known: Sequence[tuple[str, str]], text: str) -> str:
    return next((words for mark, words in known if mark in text), "")
