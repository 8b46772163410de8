"""The tables on this computer: those that ship with TokenSim and what was imported."""

import hashlib
import json
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.safetensors_format import read_header
from tokensim_gui.core.files.table import FILE_NAME, TableInfo, read_info
from tokensim_gui.core.job import Job

STARTER = "starter"
_SHIPPED = "tables"  # the folder of the resources in which a build may carry more
BUILT_IN = "built-in."  # no imported table has a dot in its slug
MAX_NAME = 200
INDEX, FETCHED = "library.json", "fetched.json"  # each written under the lock of the data folder
_MAX_LIBRARY_BYTES = 10_000_000
_REMOVED = ".removed"  # the mark of a folder that is in somebody's trash
_DOWNLOAD_LIFE_S = 30 * 24 * 3600  # after that, an interrupted download is not continued
_CHUNK = 8 * 2**20
_FOLDER = re.compile(r"([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A table that ``library.json`` names."""

    slug: str
    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class _Removed:
    """A table in the trash: what named it, the slugs that came before it, and its folder."""

    entry: _Entry
    before: frozenset[str]
    hold: atomic.Hold


@dataclass(slots=True)
class NewTable:
    """A folder being filled; when `TableLibrary.adding` ends, a table with the slug of then."""

    slug: str
    folder: Path


class TableLibrary:
    """The tables below one data folder; safe beside other windows and imports on that folder.

    ``library.json`` is only ever replaced as a whole, under a lock, and folders that it names are
    never written to, so that reading needs no lock. What is removed here stays on disk, held by
    this process, until `empty_trash`, or until the process ends and somebody's `clean_up`.

    Tables that ship with TokenSim are read where they are, and neither renamed nor removed.

    Attributes:
        default: Slug of the table for those who chose none: image models' own vectors where a
            build carries some, else the starter.
        root: The data folder.
        downloads: Folder of interrupted downloads, which may be continued for 30 days.
    """

    def __init__(self, root: Path | None = None) -> None:
        """Look at the tables below ``root`` (default: the data folder), which need not exist."""
        self.root: Final = paths.data_dir() if root is None else root
        self.downloads: Final = self.root / "downloads"
        self._tables = self.root / "tables"
        self._index = self.root / INDEX
        self._trash: dict[str, _Removed] = {}
        self._shipped = [*_shipped(), _STARTER_ENTRY]
        self.default: Final = self._shipped[0].slug

    def tables(self) -> list[TableInfo]:
        """Return the tables that can be read: those that ship, then in the order of import."""
        found = []
        for entry in (*self._shipped, *self._entries()):
            with suppress(FileError):
                found.append(self._info(entry))
        return found

    def unreadable(self) -> dict[str, str]:
        """Return the tables whose files are damaged or gone: by slug, the sentence that says so."""
        sentences = {}
        for entry in self._entries():
            try:
                self._info(entry)
            except FileError as error:
                sentences[entry.slug] = str(error)
        return sentences

    def info(self, slug: str) -> TableInfo:
        """Return what is known of one table.

        Raises:
            TokenSimError: There is no table of that slug.
            FileError: Its header can't be read.
        """
        return self._info(self._entry(slug))

    def folder(self, slug: str) -> Path:
        """Return the folder that holds the table now; a new import changes it.

        Raises:
            TokenSimError: There is no table of that slug.
        """
        return self._path(self._entry(slug))

    @contextmanager
    def holding(self, slug: str) -> Iterator[Path]:
        """Give the table's folder, which nobody deletes within this context.

        Raises:
            TokenSimError: There is no table of that slug.
        """
        if is_built_in(slug):
            yield self.folder(slug)
            return
        while True:
            folder = self.folder(slug)
            hold: AbstractContextManager[object] = nullcontext()
            with suppress(OSError):  # nothing can be marked, or deleted, in a read-only folder
                hold = atomic.Hold(folder)
            with hold:
                if self.folder(slug) == folder:  # else a new import came in between
                    yield folder
                    return

    @contextmanager
    def adding(self, name: str, replaces: str | None = None) -> Iterator[NewTable]:
        """Give a new, empty folder; name it in the library if the context ends without error.

        Within the context ``table.safetensors`` must appear in the folder last, and at once: it is
        the sign of a complete table. After an error, and if the process dies, the library is as
        before.

        Args:
            name: What users see, unless they gave the table that is replaced another name.
            replaces: Slug of a table whose place the new one takes; the old folder is deleted.
                So is one of the same source, key and shape that came meanwhile.

        Raises:
            FileError: The data folder can't be written to.
        """
        with self.writing():
            if not self._index.exists():
                self._write(self._entries())  # else a complete folder counts before it is named
            slug = replaces or self._free_slug(name)
            folder = self._tables / f"{slug}-{secrets.token_hex(4)}"
            folder.mkdir(parents=True)
            hold = atomic.Hold(folder)
        try:
            with hold:
                yield (new := NewTable(slug, folder))
                info = read_info(folder)
                with self.writing():
                    new.slug = self.of_origin(info.source, info.key, info.rows, info.dim) or slug
                    self._name(_Entry(new.slug, _clean_name(name, slug), folder.name))
        except BaseException:
            _delete(folder)
            raise
        self.clean_up()

    def of_origin(self, source: str, key: str, rows: int, dim: int) -> str | None:
        """Return the slug of the table of this source, key and shape, or None."""
        origin = (source, key, rows, dim)
        found = (one for one in self.tables() if (one.source, one.key, one.rows, one.dim) == origin)
        return next((one.slug for one in found if source and not is_built_in(one.slug)), None)

    def rename(self, slug: str, name: str) -> None:
        """Change the name that users see.

        Raises:
            TokenSimError: There is no such table, it is built in, or the name is empty.
        """
        name = _clean_name(name, "")
        if not name:
            raise TokenSimError("A table needs a name.")
        _refuse_built_in(slug, "renamed")
        with self.writing():
            entry = self._entry(slug)
            self._write([replace(e, name=name) if e == entry else e for e in self._entries()])

    def remove(self, slug: str) -> None:
        """Take a table out of the library; `restore` brings it back until `empty_trash`.

        Raises:
            TokenSimError: There is no such table, or it is built in.
        """
        _refuse_built_in(slug, "removed")
        with self.writing():
            entry, entries = self._entry(slug), self._entries()
            place = entries.index(entry)
            self._write([*entries[:place], *entries[place + 1 :]])
            folder = self._path(entry)
            if folder.is_dir():
                before = frozenset(other.slug for other in entries[:place])
                self._trash[slug] = _Removed(entry, before, atomic.Hold(folder))
                (folder / _REMOVED).touch()

    def restore(self, slug: str) -> str:
        """Bring back a table that this library object removed, to its place among the others.

        Returns:
            Its slug, which is another one if a new table has taken the old.

        Raises:
            TokenSimError: No such table was removed since the trash was emptied.
        """
        if slug not in self._trash:
            raise TokenSimError(f"“{slug}” is not among the tables removed since TokenSim started.")
        with self.writing():
            removed = self._trash[slug]
            entry, entries = removed.entry, self._entries()
            if any(other.slug == entry.slug for other in entries):
                entry = replace(entry, slug=self._free_slug(entry.name))
            (self._path(entry) / _REMOVED).unlink(missing_ok=True)
            ahead = [number for number, other in enumerate(entries) if other.slug in removed.before]
            entries.insert(ahead[-1] + 1 if ahead else 0, entry)
            self._write(entries)
        del self._trash[slug]
        removed.hold.close()
        return entry.slug

    def empty_trash(self) -> None:
        """Delete what was removed; call it when the window closes."""
        for removed in self._trash.values():
            removed.hold.close()
        self._trash.clear()
        self.clean_up()

    def clean_up(self, job: Job | None = None) -> None:
        """Delete folders that are neither named nor held, and old downloads; call it at start.

        A data folder that can't be written to is left as it is. Folders may be large: where a
        window waits, it is a job.

        Raises:
            JobCancelled: The job was cancelled before.
        """
        (job or Job()).check()
        if not self._tables.is_dir() and not self.downloads.is_dir():
            return
        with suppress(FileError), self.writing():
            named = {entry.folder for entry in self._entries()}
            for folder in _folders(self._tables):
                if folder.name not in named and not atomic.is_held(folder):
                    _delete(folder)
            for name in (INDEX, FETCHED):
                for rest in self.root.glob(f".{name}.*"):
                    rest.unlink()  # of a process that was killed while it wrote, under this lock
            for part in self.downloads.glob("*"):
                if part.stat().st_mtime < time.time() - _DOWNLOAD_LIFE_S:
                    part.unlink()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one who writes `INDEX` or `FETCHED`.

        Raises:
            FileError: The data folder can't be written to.
        """
        try:
            with atomic.exclusive_lock(self.root / "library.lock"):
                yield
        except OSError as error:
            raise atomic.write_failure(self.root, error) from error

    def verify(self, slug: str, job: Job | None = None) -> None:
        """Compare the vectors on disk with the checksum taken when they were imported.

        Raises:
            FileError: They differ, or can't be read.
            JobCancelled: The job was cancelled.
        """
        job = job or Job()
        info = self.info(slug)
        with self.holding(slug) as folder:
            path = folder / FILE_NAME
            vectors = read_header(path)[0]["vectors"]
            digest = hashlib.sha256()
            try:
                with path.open("rb") as file:
                    file.seek(vectors.offset)
                    for done in range(0, vectors.nbytes, _CHUNK):
                        job.progress(done, vectors.nbytes, f"Checking {info.name}")
                        digest.update(file.read(min(_CHUNK, vectors.nbytes - done)))
            except OSError as error:
                raise FileError(f"{info.name} can't be read: {error.strerror}.") from error
        job.progress(vectors.nbytes, vectors.nbytes, f"Checking {info.name}")
        if digest.hexdigest() != info.sha256:
            raise FileError(f"The vectors of {info.name} have changed on disk. Import it again.")

    def _entry(self, slug: str) -> _Entry:
        for entry in (*self._shipped, *self._entries()):
            if entry.slug == slug:
                return entry
        raise TokenSimError(f"There is no table “{slug}”. “tokensim tables” lists those there are.")

    def _path(self, entry: _Entry) -> Path:
        if is_built_in(entry.slug):
            return paths.resource(entry.folder)
        return self._tables / entry.folder

    def _info(self, entry: _Entry) -> TableInfo:
        return replace(read_info(self._path(entry)), slug=entry.slug, name=entry.name)

    def _entries(self) -> list[_Entry]:
        """Read ``library.json``; without a sound one, name every complete folder on disk."""
        try:
            if self._index.stat().st_size > _MAX_LIBRARY_BYTES:
                return self._rebuilt()
            return _parse(self._index.read_bytes())
        except (OSError, ValueError, RecursionError):
            return self._rebuilt()

    def _rebuilt(self) -> list[_Entry]:
        newest: dict[str, tuple[tuple[str, int], _Entry]] = {}
        for folder in _folders(self._tables):
            with suppress(FileError, OSError):
                if folder.is_symlink() or (folder / _REMOVED).exists():
                    continue
                info = read_info(folder)
                age = (info.created, (folder / FILE_NAME).stat().st_mtime_ns)
                slug = folder.name[:-9]
                entry = _Entry(slug, _clean_name(info.name, slug), folder.name)
                if slug not in newest or newest[slug][0] < age:
                    newest[slug] = (age, entry)
        return [entry for _, entry in sorted(newest.values(), key=lambda item: item[0])]

    def _is_renamed(self, entry: _Entry) -> bool:
        """Tell whether users gave a table its name; yes if the one it came with can't be read."""
        with suppress(FileError):
            return entry.name != _clean_name(read_info(self._path(entry)).name, entry.slug)
        return True

    def _name(self, new: _Entry) -> None:
        entries = self._entries()
        for index, old in enumerate(entries):
            if old.slug == new.slug:
                entries[index] = replace(new, name=old.name) if self._is_renamed(old) else new
                break
        else:
            entries.append(new)
        self._write(entries)

    def _write(self, entries: list[_Entry]) -> None:
        tables = [{"slug": e.slug, "name": e.name, "folder": e.folder} for e in entries]
        text = json.dumps({"tables": tables}, ensure_ascii=False, indent=1)
        atomic.write_atomically(self._index, text.encode())

    def _free_slug(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain)[:48].strip("-") or "table"
        taken = {STARTER, *(entry.slug for entry in self._entries())}
        taken.update(folder.name[:-9] for folder in _folders(self._tables))
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        return slug


_STARTER_ENTRY = _Entry(STARTER, "Starter words", STARTER)


def is_built_in(slug: str) -> bool:
    """Whether a table ships with TokenSim."""
    return slug == STARTER or slug.startswith(BUILT_IN)


def _shipped() -> Iterator[_Entry]:
    """The tables that a build may carry beside the starter; see `packaging/default_table.py`."""
    for folder in sorted(paths.resource(_SHIPPED).glob("*")):
        with suppress(FileError):
            name = read_info(folder).name
            yield _Entry(f"{BUILT_IN}{folder.name}", name, f"{_SHIPPED}/{folder.name}")


def _parse(raw: bytes) -> list[_Entry]:
    """Read ``library.json``, all of it or nothing.

    Raises:
        ValueError: It is not what `TableLibrary` writes.
    """
    content = json.loads(raw)
    tables = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(tables, list):
        raise ValueError
    entries = []
    for table in tables:
        if not isinstance(table, dict) or table.keys() != {"slug", "name", "folder"}:
            raise ValueError
        slug, name, folder = table["slug"], table["name"], table["folder"]
        if not all(isinstance(text, str) for text in (slug, name, folder)):
            raise ValueError
        if not _FOLDER.fullmatch(f"{slug}-00000000") or not _FOLDER.fullmatch(folder):
            raise ValueError
        if slug == STARTER or not name or name != _clean_name(name, ""):
            raise ValueError
        entries.append(_Entry(slug, name, folder))
    if len({entry.slug for entry in entries}) != len(entries):
        raise ValueError
    return entries


def _clean_name(name: str, otherwise: str) -> str:
    """Return ``name`` on one line, without control characters and not endless."""
    printable = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(printable.split())[:MAX_NAME].strip() or otherwise


def _refuse_built_in(slug: str, what: str) -> None:
    if slug == STARTER:
        raise TokenSimError(f"The starter words are built in and can't be {what}.")
    if is_built_in(slug):
        raise TokenSimError(f"This table is built in and can't be {what}.")


def _folders(tables: Path) -> list[Path]:
    """Return the folders below ``tables`` whose names TokenSim gives, sorted."""
    try:
        return sorted(path for path in tables.iterdir() if _FOLDER.fullmatch(path.name))
    except OSError:
        return []


def _delete(folder: Path) -> None:
    # A link is deleted, not what it leads to. What can't be deleted now (a file that is open on
    # Windows) is left for the next time.
    if folder.is_symlink():
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
