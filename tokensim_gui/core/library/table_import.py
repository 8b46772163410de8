"""Make tables out of a checkpoint, or out of what a hub offers."""

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tokensim_gui.core import paths
from tokensim_gui.core.checkpoints import Candidate, read_vectors, survey
from tokensim_gui.core.checkpoints.checkpoint_layouts import is_table_name
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.number_formats import ITEM_BYTES
from tokensim_gui.core.files.table import TableInfo, save_table
from tokensim_gui.core.hub.hub import Hub, HubCandidate
from tokensim_gui.core.job import Job
from tokensim_gui.core.library import fetched
from tokensim_gui.core.library.catalogue import catalogue
from tokensim_gui.core.library.library import TableLibrary, is_built_in
from tokensim_gui.core.library.token_names import (
    has_names,
    is_named,
    known_vocabulary,
    pass_names_on,
    tokenizer_of_its_like,
)
from tokensim_gui.core.paths import displayed
from tokensim_gui.core.text_encoders.encoder_layouts import candidates_for_encoding
from tokensim_gui.core.tokenizers.converting import chosen_tokenizer, measured, tokenizer_of
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
        lacks_tokenizer: Whether a tokenizer of its own would mend that.
    """

    info: TableInfo
    notice: str
    lacks_tokenizer: bool = False


def import_checkpoint(
    path: Path,
    library: TableLibrary,
    which: Collection[str] | None = None,
    job: Job | None = None,
    tokenizer: Path | None = None,
) -> list[Imported]:
    """Make a table of every token table of a checkpoint file or folder.

    One that was imported from there before is replaced; those that are open stay usable. Vectors
    that are in the library already, byte for byte, are not stored again: their table is returned.

    Args:
        path: The checkpoint, or a tokenizer alone, which becomes a table without vectors.
        library: Where the tables go.
        which: Names of candidates; None for all.
        job: Progress in bytes, and cancellation.
        tokenizer: The tokenizer of the checkpoint, where that is not for TokenSim to find.

    Raises:
        FileError: The checkpoint can't be read or changes meanwhile, or the data folder can't be
            written to or is full. Tables finished before that stay, nothing half-made does.
        TokenSimError: ``which`` names what is not there.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    path = paths.resolved(_plain(path.absolute()))
    seen = survey(path)
    found = [one if one.dim else measured(one) for one in seen.candidates]
    if tokenizer is not None:
        found = [replace(one, tokenizers=(chosen_tokenizer(tokenizer),)) for one in found]
    chosen = _chosen([one.name for one in found], which, path.name)
    wanted = [one for one in found if one.name in chosen]
    library.clean_up()
    atomic.check_space(library.root, sum(_bytes_needed(one) for one in wanted))
    # A tensor under a name of its own is no part of a text encoder; some take seconds to list.
    whole = _whole_encoders({one.path for one in wanted if is_table_name(one.key)})
    made = _advised(
        [
            _import(one, library, displayed(str(one.path)), "", job, whole.get((one.path, one.key)))
            for one in wanted
        ],
        "put its tokenizer.json or spiece.model beside the file, or choose it.",
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
    last = max((number for number, one in enumerate(made) if one.lacks_tokenizer), default=-1)
    return [
        replace(one, notice=f"{one.notice} To change that, {advice}") if number == last else one
        for number, one in enumerate(made)
    ]


def _fetch_and_import(one: HubCandidate, library: TableLibrary, hub: Hub, job: Job) -> Imported:
    folder = library.downloads
    tokenizers = {(entry.rows, entry.dim): entry.tokenizer for entry in catalogue()}
    known = tokenizers.get((one.table.rows, one.table.dim))
    other = None if known is None else (known.repo, known.file)
    local = hub.fetch(one, folder, job, other)
    source = f"hf:{one.repo}:{one.table.path.as_posix()}"
    made = _import(local, library, source, one.commit, job)
    fetched.remember(library, source, one.table.key, made.info.sha256)
    hub.discard(one, folder)
    return made


def _import(
    one: Candidate,
    library: TableLibrary,
    source: str,
    revision: str,
    job: Job,
    whole: str | None = None,
) -> Imported:
    """Make one table: the vectors last, because their file is the sign of a complete table."""
    before = library.of_origin(source, one.key, one.rows, one.dim)
    names = _find_names(one, before, library, job)
    same = None if before else _same_vectors(one, names, library, job)
    if same is not None:
        is_richer = (names.content and not is_named(same, library)) or (whole and not same.whole)
        if not is_richer and os.path.exists(paths.resolved(Path(same.source))):
            return Imported(same, _identical(one, same))
        before = same.slug  # what is known of it now is more
    with library.adding(one.name, replaces=before) as new:
        vocabulary, names = _vocabulary(one, names, library, new.folder, job)
        vocabulary.save(new.folder)
        save_table(
            new.folder,
            one.name,
            vocabulary.family if vocabulary.family != "none" else one.family,
            one.dtype,
            one.rows,
            one.dim,
            read_vectors(one, job) if one.dim else (),
            source=source,
            revision=revision,
            key=one.key,
            stored=one.stored if one.stored != one.dtype else "",
            whole=whole or "",
            encoder=one.encoder,
            guess=names.guess,
            job=job,
        )
        job.check()
    made, notice = library.info(new.slug), names.notice
    if same is not None:
        notice = f"{_identical(one, same)} {notice}".strip()
    elif not one.dim and (owner := _owner_of(vocabulary, new.slug, library)):
        notice = f"{made.name} is the vocabulary of “{owner}”, which TokenSim has. {notice}".strip()
    if vocabulary.family != "none":
        pass_names_on(made, library, job)
    return Imported(made, notice, names.is_lacking)


@dataclass(frozen=True, slots=True)
class _Names:
    """The tokenizer found for a table, and what is to be said of it.

    Attributes:
        content: A tokenizer.json, or None.
        notice: What is to be said now, or "".
        guess: What of it stays a guess, or "".
        is_lacking: Whether the table came without one.
    """

    content: bytes | None
    notice: str = ""
    guess: str = ""
    is_lacking: bool = False


def _find_names(one: Candidate, before: str | None, library: TableLibrary, job: Job) -> _Names:
    """Find the tokenizer of a table with it, or with a table that must have the same.

    A table whose place it takes keeps the names that were chosen for it.
    """
    job.progress(0, 0, f"Looking for the tokenizer of {one.name}")
    try:
        found = tokenizer_of(one)
        trouble = f"No tokenizer was found for {one.name}."
    except FileError as error:
        found, trouble = None, str(error)
    if found is not None:
        return _Names(found.content, found.guess, found.guess)
    if before is not None and is_named(old := library.info(before), library):
        with suppress(OSError):
            kept = (library.folder(before) / "tokenizer.json").read_bytes()
            notice = f"The tokens of {one.name} keep the names that they had. {old.guess}"
            return _Names(kept, notice.strip(), old.guess)
    content, owner = tokenizer_of_its_like(one.rows, one.dim, one.family, library)
    if content is None:
        notice = f"{trouble} The tokens of {one.name} have ids, but no names."
        return _Names(None, notice, is_lacking=True)
    guess = f"Its tokens are named as those of “{owner}” are."
    return _Names(content, f"{trouble} {guess}", guess, is_lacking=True)


def _identical(one: Candidate, same: TableInfo) -> str:
    return (
        f"The vectors of {one.name} in {displayed(one.path.name)} are those of “{same.name}”, byte "
        "for byte, so they are not stored twice."
    )


def _same_vectors(
    one: Candidate, names: _Names, library: TableLibrary, job: Job
) -> TableInfo | None:
    """Return the table that has the vectors of a candidate, byte for byte, and no other names."""
    shape = (one.rows, one.dim, one.dtype)
    alike = [
        info
        for info in library.tables()
        if not is_built_in(info.slug) and (info.rows, info.dim, info.dtype) == shape
    ]
    if not one.dim or not alike:
        return None
    digest, done = hashlib.sha256(), 0
    for chunk in read_vectors(one, job):
        digest.update(chunk)
        done += len(chunk)
        job.progress(done, alike[0].bytes, f"Comparing {one.name} with what is here")
    return next(
        (
            info
            for info in alike
            if info.sha256 == digest.hexdigest()
            and (names.content is None or has_names(info, names.content, library))
        ),
        None,
    )


def _owner_of(vocabulary: Vocabulary, slug: str, library: TableLibrary) -> str:
    """Return the name of a table whose tokens are those of a vocabulary, or ""."""
    for info in library.tables():
        if info.slug == slug or info.rows < vocabulary.rows:
            continue
        other = Vocabulary.load_stored(library.folder(info.slug))
        if other is not None and vocabulary.has_pieces_of(other):
            return info.name
    return ""


def _vocabulary(
    one: Candidate, names: _Names, library: TableLibrary, folder: Path, job: Job
) -> tuple[Vocabulary, _Names]:
    """Return the vocabulary, with the tokenizer written into ``folder``, and what is said of it."""
    if names.content is None:
        return Vocabulary.build(None, one.rows, job), names
    path = folder / "tokenizer.json"
    atomic.write_atomically(path, names.content)
    try:
        known = known_vocabulary(names.content, one.rows, library)
        return known or Vocabulary.build(path, one.rows, job), names
    except FileError as error:  # names a file that users do not know
        trouble = f"The tokenizer of {one.name} is not one that TokenSim can read."
        if not one.dim:
            raise FileError(trouble) from error
        path.unlink()
        notice = f"{trouble} The tokens of {one.name} have ids, but no names."
        return Vocabulary.build(None, one.rows, job), _Names(None, notice, is_lacking=True)


def _bytes_needed(one: Candidate) -> int:
    return one.rows * (one.dim * ITEM_BYTES[one.dtype] + 8) + _VOCABULARY_BYTES


def _chosen(names: list[str], which: Collection[str] | None, where: str) -> set[str]:
    if which is None:
        return set(names)
    if unknown := sorted(set(which) - set(names)):
        raise TokenSimError(f"{where} has no “{unknown[0]}”. It has {', '.join(names)}.")
    return set(which)
