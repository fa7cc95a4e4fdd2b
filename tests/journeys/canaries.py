"""Values that must never be found again, and every place where one could lie."""

import base64
import json
import random
import re
import secrets
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from boto3.dynamodb.types import TypeDeserializer

from shared.kernel.luhn import check_digit_fits

_DRAW = random.SystemRandom()


def digits(count: int) -> str:
    """Random ones, the first not zero."""
    return _DRAW.choice("123456789") + "".join(_DRAW.choices(string.digits, k=count - 1))


def card_number() -> str:
    """Sixteen digits that look like a card, of nobody."""
    body = "4" + digits(14)
    return next(f"{body}{last}" for last in range(10) if check_digit_fits(f"{body}{last}"))


@dataclass(frozen=True)
class Plants:
    """One of each kind, different in every run. A short secret is told by its neighbour."""

    mark: str = field(default_factory=lambda: "canary" + secrets.token_hex(6))
    letters: str = field(
        default_factory=lambda: "".join(_DRAW.choices(string.ascii_lowercase, k=14))
    )
    card: str = field(default_factory=card_number)
    spaced_card: str = field(
        default_factory=lambda: " ".join(re.findall("....", card_number())),
    )
    national_id: str = field(default_factory=lambda: digits(9))
    tax_pin: str = field(default_factory=lambda: f"A{digits(9)}Q")
    phone: str = field(default_factory=lambda: f"+2547{digits(8)}")
    password: str = field(default_factory=lambda: f"Wq7!{secrets.token_hex(8)}")
    signing_secret: str = field(
        default_factory=lambda: "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    )
    api_key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(16)}")
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def bearer(self) -> str:
        """In the form of an access token."""
        parts = [{"alg": "none"}, {"sub": self.mark, "token_use": "access"}]
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in parts
        )
        return f"{head}.{body}.{self.mark}"

    @property
    def email(self) -> str:
        """An address of nobody."""
        return f"{self.mark}@example.org"

    @property
    def short(self) -> str:
        """What is too short to be searched for by itself, beside the mark."""
        return f"cvc 737 pin 4821 otp 918273 {self.mark}"

    def all(self) -> dict[str, str]:
        """What to plant, by its kind."""
        names = [name for name in self.__dataclass_fields__ if name != "mark"]
        return {name: getattr(self, name) for name in (*names, "bearer", "email", "short")}

    def traces(self) -> dict[str, str]:
        """What to look for: each plant, or the part of it that nothing else contains."""
        return self.all() | {
            "short": self.mark,
            "spaced_card": self.spaced_card.replace(" ", ""),
            "phone": self.phone.removeprefix("+"),
        }


@dataclass(frozen=True)
class Hit:
    """A canary and where it was found."""

    canary: str
    place: str
    context: str


def search(canaries: Mapping[str, str], places: Iterable[tuple[str, str]]) -> list[Hit]:
    """Every canary in every text, as it is, URL-encoded, or inside base64."""
    found: list[Hit] = []
    for place, text in places:
        for form in _forms(text):
            for name, value in canaries.items():
                at = _find(value, form)
                if at is not None:
                    found.append(Hit(name, place, form[max(0, at - 60) : at + 20]))
    return list({(hit.canary, hit.place): hit for hit in found}.values())


def _find(value: str, text: str) -> int | None:
    if value.isdigit():
        # Inside a longer number, or behind a decimal point, it is no such thing.
        match = re.search(rf"(?<![\d.]){value}(?!\d)", text)
        return None if match is None else match.start()
    at = text.lower().find(value.lower())
    return None if at < 0 else at


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_IN_DIGITS = re.compile(r"(?<=\d)[ -](?=\d)")


def _forms(text: str) -> Iterator[str]:
    """The text, and what is wrapped in it, each also without what splits numbers."""
    wrapped = [_plain(match[0]) for match in _BASE64.finditer(text)]
    for form in (text, unquote(text), *(plain for plain in wrapped if plain)):
        yield form
        if _IN_DIGITS.search(form):
            yield _IN_DIGITS.sub("", form)


def _plain(encoded: str) -> str:
    """What base64 of either alphabet holds, if that is text."""
    given = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    whole = given[: len(given) // 4 * 4] if len(given) % 4 == 1 else given
    plain = base64.b64decode(whole + "=" * (-len(whole) % 4))
    return plain.decode() if plain.isascii() else ""


def logs(client: Any) -> Iterator[tuple[str, str]]:
    """Every line of every log group."""
    for groups in client.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            name = group["logGroupName"]
            for page in client.get_paginator("filter_log_events").paginate(logGroupName=name):
                for event in page["events"]:
                    yield f"log {name}", event["message"]


def tables(client: Any) -> Iterator[tuple[str, str]]:
    """Every item of every table, with what bytes say when they are text."""
    read = TypeDeserializer()
    for names in client.get_paginator("list_tables").paginate():
        for table in names["TableNames"]:
            for page in client.get_paginator("scan").paginate(TableName=table):
                for item in page["Items"]:
                    plain = {name: read.deserialize(value) for name, value in item.items()}
                    key = f"{plain.get('pk')} {plain.get('sk')}".split("#")[0]
                    for name, value in plain.items():
                        yield f"table {table} {key} {name}", json.dumps(value, default=_shown)


def _shown(value: Any) -> Any:
    if isinstance(value, set):
        return sorted(map(str, value))
    # Bytes come wrapped.
    raw = getattr(value, "value", value)
    return raw.decode("latin-1") if isinstance(raw, bytes) else str(value)


def queues(client: Any) -> Iterator[tuple[str, str]]:
    """Every message that lies in a queue or among its dead letters; workers still get them."""
    for page in client.get_paginator("list_queues").paginate():
        for url in page.get("QueueUrls", []):
            seen: set[str] = set()
            while True:
                got = client.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
                ).get("Messages", [])
                new = [message for message in got if message["MessageId"] not in seen]
                for message in new:
                    seen.add(message["MessageId"])
                    yield f"queue {url.rsplit('/', 1)[-1]}", message["Body"]
                if not new:
                    break


def archives(client: Any) -> Iterator[tuple[str, str]]:
    """What the embedded bus has been given, as far as it shows it: names of archives only."""
    for archive in client.list_archives().get("Archives", []):
        yield f"archive {archive['ArchiveName']}", json.dumps(archive, default=str)
