"""What an archive says about itself, and the checks of what somebody else's archive says.

An archive is a zip: `manifest.json`, `tables/NAME.copy` (PostgreSQL's text COPY, ordered by key),
`files.jsonl` (name, size and sha256 of each file), `files/NAME`, and a copy for people: `index.html`
with its pages, `csv/`. Nothing is in the zip that the manifest does not list with its checksum.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar, get_origin, get_type_hints

from django.conf import settings

from provisioning.portability.refusals import ArchiveRefused

FORMAT = "bezpechne.city"
FORMAT_VERSION = 1
MANIFEST, FILES_LIST = "manifest.json", "files.jsonl"
TABLES, FILES = "tables/", "files/"
# A million files of a city have a list of their own; what stands here is small.
MAX_MANIFEST_BYTES = 64 * 1024 * 1024

_SHA = re.compile(r"[0-9a-f]{64}")
_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")

PartT = TypeVar("PartT")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of the zip; `size` is unpacked."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class TableEntry:
    """One table: `columns` are pairs of name and type, `key` what its rows are ordered by.

    `sequences`: by column, the last number given and whether it was used.
    """

    name: str
    columns: list[list[str]]
    key: list[str]
    rows: int
    size: int
    sha256: str
    sequences: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def member(self) -> str:
        return f"{TABLES}{self.name}.copy"


@dataclass(frozen=True, kw_only=True)
class FilesEntry:
    """The list of files: how many, their bytes, the checksum of the list."""

    count: int
    size: int
    sha256: str
    # Named by a row, but not in the storage when the city was exported.
    missing: list[str]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`migrations` are pairs of app and name; `jobs`, `city`, `domains`, `journal`: see rows, jobs."""

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    product: str
    release: str
    created_at: str
    base_host: str
    # Tells whether links made under the old SECRET_KEY are links here; opens nothing.
    key_check: str
    schema: str
    fingerprint: str
    migrations: list[list[str]]
    city: dict[str, Any]
    domains: list[dict[str, Any]]
    journal: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    tables: list[TableEntry]
    # Tables whose rows stay behind, with the reason.
    left_out: dict[str, str]
    files: FilesEntry
    readable: list[Member]

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @property
    def slug(self) -> str:
        return str(self.city["slug"])

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


def product_version() -> str:
    """Of the installed package."""
    try:
        return version("bezpechne")
    except PackageNotFoundError:
        return "unknown"


def release_name() -> str:
    return str(settings.RELEASE)


def _broken(what: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"The archive's manifest is damaged: {what}. Take another copy of the archive."
    )


def _part(kind: type[PartT], data: Any, where: str) -> PartT:
    """A dataclass from JSON, every value of the type that the class says."""
    if not isinstance(data, dict):
        raise _broken(f"{where} is not an object")
    values = {}
    for name, hint in get_type_hints(kind).items():
        if name not in data:
            raise _broken(f"{where} lacks “{name}”")
        wanted = get_origin(hint) or hint
        value = data[name]
        if wanted in {TableEntry, FilesEntry, Member}:
            value = _part(wanted, value, name)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise _broken(f"“{name}” of {where} is no {wanted.__name__}")
        values[name] = value
    return kind(**values)


def parse(text: bytes) -> Manifest:
    """Raises ArchiveRefused with a sentence for anything but a manifest of this format."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _broken("it is not JSON") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ArchiveRefused("This is not an archive of a city: its manifest is something else's.")
    if data.get("format_version") != FORMAT_VERSION:
        raise ArchiveRefused(
            f"The archive has format {str(data.get('format_version'))[:20]}, this release reads"
            f" {FORMAT_VERSION}. Use release {str(data.get('release'))[:40]} of the product"
            f" ({str(data.get('product'))[:40]}) or a later one."
        )
    for key, kind in (("tables", TableEntry), ("readable", Member)):
        if not isinstance(data.get(key), list):
            raise _broken(f"“{key}” is no list")
        data[key] = [_part(kind, item, f"one of {key}") for item in data[key]]
    manifest = _part(Manifest, data, "the manifest")
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """What types cannot say."""
    if not isinstance(manifest.city.get("slug"), str):
        raise _broken("the city has no slug")
    if not all(_pair(item) for item in manifest.migrations):
        raise _broken("migrations are pairs of names")
    names = [table.name for table in manifest.tables]
    if len(set(names)) != len(names) or not all(_TABLE.fullmatch(name) for name in names):
        raise _broken("names of tables")
    for table in manifest.tables:
        _check_table(table)
    parts: list[TableEntry | Member | FilesEntry] = [
        *manifest.tables,
        *manifest.readable,
        manifest.files,
    ]
    sums = [item.sha256 for item in parts]
    if not all(_SHA.fullmatch(text) for text in sums):
        raise _broken("a checksum is none")
    sizes = [item.size for item in parts]
    if min([*sizes, manifest.files.count, *(table.rows for table in manifest.tables)]) < 0:
        raise _broken("a negative number")
    if not all(isinstance(item, dict) for item in (*manifest.domains, *manifest.jobs)):
        raise _broken("domains and jobs are objects")
    if not all(isinstance(item, dict) for item in manifest.journal):
        raise _broken("the journal is a list of objects")


def _check_table(table: TableEntry) -> None:
    columns = [item[0] for item in table.columns if _pair(item)]
    if len(columns) != len(table.columns) or not set(table.key) <= set(columns) or not table.key:
        raise _broken(f"columns of {table.name}")
    for column, value in table.sequences.items():
        right = (
            isinstance(value, list)
            and len(value) == 2
            and type(value[0]) is int
            and type(value[1]) is bool
        )
        if column not in columns or not right:
            raise _broken(f"sequences of {table.name}")


def _pair(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and all(isinstance(i, str) for i in item)
