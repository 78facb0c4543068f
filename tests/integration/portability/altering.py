"""Archives that somebody changed, skilfully or not."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenants.versions import Version

Change = Callable[[dict[str, Any]], None]


def rewrite(
    source: Path,
    target: Path,
    change: Change = lambda manifest: None,
    members: dict[str, bytes | None] | None = None,
) -> Path:
    """A copy with another manifest and other members; None leaves one out. Nothing is mended."""
    given = dict(members or {})
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data: bytes | None = old.read(info)
            if info.filename == "manifest.json":
                manifest = json.loads(data or b"")
                change(manifest)
                data = json.dumps(manifest).encode()
            if info.filename in given:
                data = given.pop(info.filename)
            if data is not None:
                new.writestr(info.filename, data)
        for name, more in given.items():
            new.writestr(name, more or b"")
    return target


def with_table(source: Path, target: Path, table: str, edit: Callable[[bytes], bytes]) -> Path:
    """A table edited, and its checksum and number of rows made to fit."""
    name = f"tables/{table}.copy"
    with zipfile.ZipFile(source) as old:
        data = edit(old.read(name))

    def change(manifest: dict[str, Any]) -> None:
        (entry,) = [one for one in manifest["tables"] if one["name"] == table]
        entry["rows"], entry["size"] = data.count(b"\n"), len(data)
        entry["sha256"] = hashlib.sha256(data).hexdigest()

    return rewrite(source, target, change, {name: data})


def with_files_list(source: Path, target: Path, name: str, content: bytes) -> Path:
    """One more file under any name, listed as it should be."""
    with zipfile.ZipFile(source) as old:
        line = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        listing = old.read("files.jsonl") + json.dumps(line).encode() + b"\n"

    def change(manifest: dict[str, Any]) -> None:
        manifest["files"]["count"] += 1
        manifest["files"]["size"] += len(content)
        manifest["files"]["sha256"] = hashlib.sha256(listing).hexdigest()

    return rewrite(source, target, change, {"files.jsonl": listing, f"files/{name}": content})


def from_the_future(manifest: dict[str, Any]) -> None:
    """One migration that this release has not."""
    manifest["migrations"].append(["questions", "0099_from_the_future"])
    manifest["migrations"].sort()
    known = frozenset((app, name) for app, name in manifest["migrations"])
    manifest["fingerprint"] = Version.of(known).fingerprint
    manifest["release"] = "2031.4"


def flip(source: Path, target: Path, member: str) -> Path:
    """One bit of one member, as a bad disk would."""
    with zipfile.ZipFile(source) as old:
        info = old.getinfo(member)
        with source.open("rb") as file:
            file.seek(info.header_offset + 26)
            lengths = file.read(4)
    name = int.from_bytes(lengths[:2], "little")
    extra = int.from_bytes(lengths[2:], "little")
    data = bytearray(source.read_bytes())
    data[info.header_offset + 30 + name + extra + info.compress_size // 2] ^= 0x10
    target.write_bytes(bytes(data))
    return target
