"""The words in which the table of functions is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from shared.platform.config import Settings


class Rights(Enum):
    """What a function may do with a table; ``infra/grants.py`` holds the actions of each."""

    NAMED = auto()
    """Nothing: its settings name the table because they are shared, it never touches it."""
    READ = auto()
    READ_PENDING = auto()
    """Read, also through the index of unfinished things."""
    WRITE = auto()
    """Read, put, update and delete items."""
    UPSERT = auto()
    """Read, put and update items."""
    APPEND = auto()
    """Read, and put items within a transaction: nothing is changed or deleted."""
    EMIT = auto()
    """Put items within a transaction, and not even read."""


class PersonalRights(Enum):
    """What a function may do with personal data."""

    OPEN = auto()
    SEAL = auto()
    """Open, and make data keys for new people."""


class ReportRights(Enum):
    """What a function may do with the key of reports."""

    SIGN = auto()
    VERIFY = auto()


@dataclass(frozen=True)
class Http:
    """Called by the HTTP API."""


@dataclass(frozen=True)
class Stream:
    """Called with the stream of a table, in order per item."""

    table: str
    failures: str
    """Queue that gets the position of a batch that was given up."""
    batch: int = 10


@dataclass(frozen=True)
class AwsEvents:
    """Events of AWS services about one bucket, from the account's default bus."""

    sources: tuple[str, ...]
    detail_type: str
    bucket: str
    bucket_path: tuple[str, ...]
    """Where the event's detail names the bucket."""


@dataclass(frozen=True)
class Schedule:
    """A check that EventBridge Scheduler leaves on the queue."""

    check: str
    minutes: int


@dataclass(frozen=True)
class Queued:
    """Called with batches from the queue of this name, whoever put the messages there."""

    queue: str
    batch: int
    concurrency: int
    """Upper limit of simultaneous runs (at least 2): it bounds the load on vendors."""
    events: tuple[str, ...] = ()
    """Detail types of our own events that a rule leaves on the queue."""
    aws_events: AwsEvents | None = None
    schedule: Schedule | None = None


type Trigger = Http | Stream | Queued


@dataclass(frozen=True, kw_only=True)
class Function:
    """One Lambda function with everything that it may touch.

    What it may touch also gives its environment: a table ``core`` sets CORE_TABLE, a queue
    ``funding`` FUNDING_QUEUE, and so on. Since environment and settings must agree, a right
    that the code has no setting for, or a setting without its right, fails to synthesise.
    """

    name: str
    settings: type[Settings]
    trigger: Trigger
    groups: tuple[str, ...] = ()
    """Dependency groups of ``pyproject.toml`` beyond what every function needs."""
    memory: int = 512
    timeout: int = 30
    tables: Mapping[str, Rights] = field(default_factory=dict)
    leading_keys: tuple[str, ...] = ()
    """Partition keys of the core table that it may touch; all of them when empty."""
    appends_at: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of tables that it appends to: the partition keys at which it may; all of them for a table
    that is not named. Reads are not limited by it."""
    lists_for_staff: bool = False
    """Reads the index of things in the core table that wait for a member of staff."""
    sends_to: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    """Vendors whose base URL it needs."""
    reads_objects: tuple[str, ...] = ()
    finds_objects: tuple[str, ...] = ()
    """Buckets that it may list: only then S3 tells what is absent from what is withheld."""
    writes_objects: tuple[str, ...] = ()
    personal_data: PersonalRights | None = None
    reports: ReportRights | None = None
    identity: bool = False
    """Works with the user pool."""
    publishes: bool = False
    """Puts events on our bus."""
    reports_scans: bool = False
    """Puts scan results on the default bus, as the managed scanner does."""
    mails: bool = False
    price_cache: bool = False
    """Reads prices out of the stage's cache, if it has one."""
    values: tuple[str, ...] = ()
    """Plain settings that it takes from the stage by name."""

    @property
    def handler(self) -> str:
        """The entry point inside the bundle."""
        package = "graphql_api" if isinstance(self.trigger, Http) and self.identity else None
        return f"{package or f'functions.{self.name}'}.handler.handler"
