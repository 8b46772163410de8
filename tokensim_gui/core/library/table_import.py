"""Make tables out of a checkpoint, or out of what a hub offers."""

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tokensim_gui.core.checkpoints import (
    Candidate,
    checkpoint_layouts,
    read_vectors,
    survey,
)
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.number_formats import ITEM_BYTES
from tokensim_gui.core.files.table import TableInfo, save_table
from tokensim_gui.core.hub.hub import Hub, HubCandidate
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.catalogue import catalogue
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.text_encoders.encoder_layouts import candidates_for_encoding
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

# What a vocabulary takes on disk beside the vectors, at most: tokenizer.json and vocabulary.npz.
_VOCABULARY_BYTES = 64_000_000
_MAX_DAMAGED = 2  # files of a folder that are told of one by one


@dataclass(frozen=True, slots=True)
class Imported:
    """A table that was made.

    Attributes:
        info: The table.
        notice: Sentences about what it lacks, or what is damaged beside it, or "".
    """

    info: TableInfo
    notice: str


def import_checkpoint(
    path: Path,
    library: TableLibrary,
    which: Collection[str] | None = None,
    job: Job | None = None,
) -> list[Imported]:
    """Make a table of every token table of a checkpoint file or folder.

    One that was imported from there before is replaced; those that are open stay usable.

    Args:
        path: The checkpoint.
        library: Where the tables go.
        which: Names of candidates; None for all.
        job: Progress in bytes, and cancellation.

    Raises:
        FileError: The checkpoint can't be read or changes meanwhile, or the data folder can't be
            written to or is full. Tables finished before that stay, nothing half-made does.
        TokenSimError: ``which`` names what is not there.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    path = _plain(path.absolute())
    seen = survey(path)
    found = seen.candidates
    chosen = _chosen([one.name for one in found], which, path.name)
    wanted = [one for one in found if one.name in chosen]
    library.clean_up()
    atomic.check_space(library.root, sum(_bytes_needed(one) for one in wanted))
    whole = _whole_encoders({one.path for one in wanted})
    made = _advised(
        [
            _import(one, library, str(one.path), "", job, whole.get((one.path, one.key), ""))
            for one in wanted
        ],
        "put its tokenizer.json or spiece.model beside the file and open it again.",
    )
    if seen.damaged and made:
        notice = " ".join([made[0].notice, *_shortened(seen.damaged)]).strip()
        made[0] = replace(made[0], notice=notice)
    return made


def _shortened(damaged: tuple[str, ...]) -> tuple[str, ...]:
    if len(damaged) <= _MAX_DAMAGED:
        return damaged
    more = len(damaged) - _MAX_DAMAGED
    return (*damaged[:_MAX_DAMAGED], f"{more} more of its files can't be used.")


def _plain(path: Path) -> Path:
    """Return a path without ``..``, so that one file is one source, if it leads to the same."""
    plain = Path(os.path.normpath(path))
    with suppress(OSError, ValueError):
        if os.path.samefile(plain, path):  # else a link stands before the ``..``
            return plain
    return path


def _whole_encoders(paths: Collection[Path]) -> dict[tuple[Path, str], str]:
    """Names of the whole text encoders in some files, by file and key of their tables."""
    found = {}
    for path in paths:
        with suppress(TokenSimError):  # the table is worth having all the same
            for one in candidates_for_encoding(path):
                found[one.table.path, one.table.key] = one.name
    return found


def import_from_hub(
    address: str,
    library: TableLibrary,
    hub: Hub,
    which: Collection[str] | None = None,
    job: Job | None = None,
    revision: str | None = None,
) -> list[Imported]:
    """Fetch the token tables of a repository, and nothing else of it, and make tables of them.

    Where a repository has no tokenizer, the one that the catalogue names for an encoder of this
    shape is taken.

    Args:
        address: ``OWNER/REPO`` or ``OWNER/REPO:FILE``.
        library: Where the tables go.
        hub: Where the repository is.
        which: Names of candidates; None for all.
        job: Progress in bytes, and cancellation.
        revision: Branch, tag or commit; None for the main branch.

    Raises:
        NetworkError: It can't be fetched; what came is kept and continued by the next attempt.
        TokenSimError: As for `import_checkpoint`.
        JobCancelled: The job was cancelled; what came is kept likewise.
    """
    job = job or Job()
    found = hub.candidates(address, revision, job)
    chosen = _chosen([one.table.name for one in found], which, address)
    wanted = [one for one in found if one.table.name in chosen]
    library.clean_up()
    # Twice: the part file and the table.
    needed = sum(one.table.nbytes + _bytes_needed(one.table) for one in wanted)
    atomic.check_space(library.root, needed)
    made = [_fetch_and_import(one, library, hub, job) for one in wanted]
    return _advised(made, "download the file, put its tokenizer.json beside it and open it.")


def _advised(made: list[Imported], advice: str) -> list[Imported]:
    """Say once, behind the last notice about a tokenizer, what can be done."""
    last = max((number for number, one in enumerate(made) if one.notice), default=-1)
    return [
        replace(one, notice=f"{one.notice} To change that, {advice}") if number == last else one
        for number, one in enumerate(made)
    ]


def _fetch_and_import(one: HubCandidate, library: TableLibrary, hub: Hub, job: Job) -> Imported:
    folder = library.downloads
    tokenizers = {(entry.rows, entry.dim): entry.tokenizer for entry in catalogue()}
    local = hub.fetch(one, folder, job, tokenizers.get((one.table.rows, one.table.dim)))
    source = f"hf:{one.repo}:{one.table.path.as_posix()}"
    made = _import(local, library, source, one.commit, job)
    hub.discard(one, folder)
    return made


def _import(
    one: Candidate, library: TableLibrary, source: str, revision: str, job: Job, whole: str = ""
) -> Imported:
    """Make one table: the vectors last, because their file is the sign of a complete table."""
    before = library.of_origin(source, one.key, one.rows, one.dim)
    with library.adding(one.name, replaces=before) as new:
        vocabulary, notice = _vocabulary(one, library, new.folder, job)
        vocabulary.save(new.folder)
        save_table(
            new.folder,
            one.name,
            vocabulary.family if vocabulary.family != "none" else one.family,
            one.dtype,
            one.rows,
            one.dim,
            read_vectors(one, job),
            source=source,
            revision=revision,
            key=one.key,
            stored=one.stored if one.stored != one.dtype else "",
            whole=whole,
            job=job,
        )
        job.check()
    return Imported(library.info(new.slug), notice)


def _vocabulary(
    one: Candidate, library: TableLibrary, folder: Path, job: Job
) -> tuple[Vocabulary, str]:
    """Return the vocabulary, and what is to be said of it where no tokenizer came with it."""
    trouble = notice = ""
    try:
        raw = tokenizer_bytes(one)
        trouble = "" if raw else f"No tokenizer was found for {one.name}."
    except FileError as error:
        raw, trouble = None, str(error)
    if raw is None:
        raw, owner = _tokenizer_of_its_like(one, library)
        notice = f"{trouble} Its tokens are named as those of “{owner}” are."
    if raw is not None:
        path = folder / "tokenizer.json"
        atomic.write_atomically(path, raw)
        try:
            known = _known_vocabulary(raw, one.rows, library)
            return known or Vocabulary.build(path, one.rows, job), notice
        except FileError:  # names a file that users do not know
            path.unlink()
            trouble = f"The tokenizer of {one.name} is not one that TokenSim can read."
    notice = f"{trouble} The tokens of {one.name} have ids, but no names."
    return Vocabulary.build(None, one.rows, job), notice


def _tokenizer_of_its_like(one: Candidate, library: TableLibrary) -> tuple[bytes | None, str]:
    """Return the tokenizer and the name of a table of the same encoder, or None and "".

    Only a shape that belongs to one known encoder tells that two tables have the same tokenizer:
    many language models have 32,000 × 4,096 numbers, each with pieces of its own.
    """
    if (one.rows, one.dim) in checkpoint_layouts.ENCODERS:
        for info in library.tables():
            if (info.rows, info.dim, info.family) == (one.rows, one.dim, one.family):
                with suppress(OSError):
                    return (library.folder(info.slug) / "tokenizer.json").read_bytes(), info.name
    return None, ""


def _known_vocabulary(tokenizer: bytes, rows: int, library: TableLibrary) -> Vocabulary | None:
    """Return the vocabulary of a table with this very tokenizer: building one takes seconds."""
    for info in library.tables():
        folder = library.folder(info.slug)
        path = folder / "tokenizer.json"
        with suppress(OSError, TokenSimError):
            same_size = info.rows == rows and path.stat().st_size == len(tokenizer)
            if same_size and path.read_bytes() == tokenizer:
                return Vocabulary.load(folder)
    return None


def _bytes_needed(one: Candidate) -> int:
    return one.rows * (one.dim * ITEM_BYTES[one.dtype] + 8) + _VOCABULARY_BYTES


def _chosen(names: list[str], which: Collection[str] | None, where: str) -> set[str]:
    if which is None:
        return set(names)
    if unknown := sorted(set(which) - set(names)):
        raise TokenSimError(f"{where} has no “{unknown[0]}”. It has {', '.join(names)}.")
    return set(which)
