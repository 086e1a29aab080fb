"""Everything an organisation has here as one file, and back: entries, history, attachments, accounts, log.

    manifest.json            format, when, and the SHA-256 of every other member
    local/…                  the content folder as it lies on disk, submissions and history included
    state/<table>.jsonl      the database, table by table
    audit/…                  the audit log and its head

Left out: the index (it is rebuilt), the signing key and open sessions (people
log in again). The starter content comes with the program.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from kb import durable
from kb.errors import SetupError, UserError
from search_app.services import Services
from search_app.state import dump

FORMAT = 1
MANIFEST = "manifest.json"
AUDIT = ("audit.jsonl", "audit.head")
MAX_MEMBER = 200_000_000
_SAFE = re.compile(r"(local|state|audit)/[^\\:*?\"<>|\x00-\x1f]+")
_PIECE = 1 << 20


class DamagedArchive(UserError):
    """The archive is not whole, or was changed after it was made."""


class CannotRestore(UserError):
    """There is something where the archive should go."""


class ArchiveUnwritable(SetupError):
    """The archive or what it holds cannot be written."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an archive holds."""

    made: str
    files: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: int
    made: str
    rows: int
    files: dict[str, str]


def export(services: Services, target: Path) -> Summary:
    """Write the archive; nothing is published or handed in meanwhile. Raises ArchiveUnwritable."""
    local = _local(services)
    hashes: dict[str, str] = {}
    rows = 0
    made = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file, services.library.store.lock():
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for member, path in _files(local):
                    hashes[member] = _put(archive, member, path.read_bytes())
                with services.audit.held():
                    for member, path in _log(local):
                        hashes[member] = _put(archive, member, path.read_bytes())
                for table, found in dump.dump(services.database):
                    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
                    hashes[f"state/{table}.jsonl"] = _put(archive, f"state/{table}.jsonl", lines.encode())
                    rows += len(found)
                head = asdict(_Manifest(FORMAT, made, rows, hashes))
                archive.writestr(MANIFEST, json.dumps(head, ensure_ascii=False, indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
        durable.sync_folder(target.parent)
    except OSError as error:
        raise ArchiveUnwritable(f"写不了 {target}（{error.strerror}），请检查磁盘空间和权限") from error
    return Summary(made, len(hashes), rows)


def verify(path: Path) -> Summary:
    """Read every member and compare its hash. Raises DamagedArchive with the first fault."""
    with _opened(path) as archive:
        manifest = _manifest(archive)
        for name, expected in manifest.files.items():
            if _hash_member(archive, name) != expected:
                raise DamagedArchive(f"归档里的 {name} 与清单不符，文件可能损坏或被改动")
        return Summary(manifest.made, len(manifest.files), manifest.rows)


def restore(services: Services, path: Path) -> Summary:
    """Verify, then put everything where this installation keeps it; only where nothing is yet.

    Files first, into a folder beside, moved into place at the end; then the
    tables. Raises DamagedArchive, CannotRestore, NotEmpty, ArchiveUnwritable.
    """
    summary = verify(path)
    local = _local(services)
    held = [child.name for child in local.iterdir() if child.name != ".kb"] if local.is_dir() else []
    if any(any((local / name).rglob("*.*")) for name in held):
        raise CannotRestore(f"{local} 里已经有内容（{held[0]} 等），请换一个空文件夹再恢复")
    if (local / ".kb" / AUDIT[0]).exists():
        raise CannotRestore(f"{local} 里已经有审计日志，请换一个空文件夹再恢复")
    beside = local.with_name(f".{local.name}.restoring")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        with _opened(path) as archive:
            for name in _manifest(archive).files:
                _unpack(archive, name, beside)
            dump.load(services.database, _rows(archive))
        _move_in(beside, local)
    except OSError as error:
        raise ArchiveUnwritable(f"恢复时写不进 {local}（{error.strerror}），请检查磁盘空间") from error
    return summary


def _local(services: Services) -> Path:
    local = services.library.store.local
    if local is None:
        raise CannotRestore("没有设置本单位的内容文件夹，请先设 KB_LOCAL")
    return local


def _files(local: Path) -> Iterator[tuple[str, Path]]:
    """Member names and files of the content folder without caches."""
    for path in sorted(local.rglob("*")):
        inside = path.relative_to(local)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            yield f"local/{inside.as_posix()}", path


def _log(local: Path) -> Iterator[tuple[str, Path]]:
    """Member names and files of the audit log."""
    yield from ((f"audit/{name}", p) for name in AUDIT if (p := local / ".kb" / name).is_file())


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> str:
    archive.writestr(name, data)
    return hashlib.sha256(data).hexdigest()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DamagedArchive(f"{path} 打不开，不是完整的归档文件") from error


def _manifest(archive: zipfile.ZipFile) -> _Manifest:
    """The manifest, once it speaks of exactly the members there are, under names that stay inside."""
    try:
        manifest = _Manifest(**json.loads(archive.read(MANIFEST)))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise DamagedArchive("归档里没有可用的清单（manifest.json）") from error
    if not isinstance(manifest.files, dict):
        raise DamagedArchive("归档里没有可用的清单（manifest.json）")
    if manifest.format != FORMAT:
        raise DamagedArchive("归档由更新的版本制作，请先升级本程序")
    if sorted(archive.namelist()) != sorted([*manifest.files, MANIFEST]):
        raise DamagedArchive("归档里的文件与清单不是同一批")
    for name in manifest.files:
        # Hidden ones are never taken along; a `.git` from outside would bring commands that git runs.
        hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
        if not _SAFE.fullmatch(name) or hidden or name.endswith("/"):
            raise DamagedArchive(f"归档里有不该有的文件名：{name[:80]}")
    return manifest


def _hash_member(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    size = 0
    try:
        with archive.open(name) as member:
            while piece := member.read(_PIECE):
                size += len(piece)
                if size > MAX_MEMBER:
                    raise DamagedArchive(f"归档里的 {name} 太大，没有读")
                digest.update(piece)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
        raise DamagedArchive(f"归档里的 {name} 读不出来，文件已经损坏") from error
    return digest.hexdigest()


def _rows(archive: zipfile.ZipFile) -> dict[str, list[dict[str, object]]]:
    """Rows by table. Split at line feeds only: a text may hold every other sign that ends a line."""
    names = [name for name in archive.namelist() if name.startswith("state/")]
    texts = {PurePosixPath(name).stem: archive.read(name).decode() for name in names}
    return {table: [json.loads(x) for x in text.split("\n") if x] for table, text in texts.items()}


def _unpack(archive: zipfile.ZipFile, name: str, beside: Path) -> None:
    top, _, inside = name.partition("/")
    if top == "state":
        return
    folder = beside / ".kb" if top == "audit" else beside
    durable.write(folder.joinpath(*PurePosixPath(inside).parts), archive.read(name))


def _move_in(beside: Path, local: Path) -> None:
    """Each folder in one step; what `kb init` made and left empty gives way."""
    (local / ".kb").mkdir(parents=True, exist_ok=True)
    for source in [*(beside / ".kb").glob("*"), *(p for p in beside.iterdir() if p.name != ".kb")]:
        target = local / source.relative_to(beside)
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(source, target)
    shutil.rmtree(beside, ignore_errors=True)
    durable.sync_folder(local)
