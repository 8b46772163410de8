"""Find the token tables of a checkpoint, whatever its format, without reading any tensor."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from stat import S_ISDIR

from tokensim_gui.core.checkpoints import (
    checkpoint_layouts,
    folders,
    gguf_file,
    numpy_file,
    other_formats,
    own_names,
    pickle_file,
    safetensors_file,
    tokenizer_sources,
)
from tokensim_gui.core.checkpoints.entries import (
    NoTable,
    Stamp,
    TensorEntry,
    check_unchanged,
    stamp_of,
    unreadable,
)
from tokensim_gui.core.checkpoints.tokenizer_sources import TokenizerSource
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.paths import displayed, resolved


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token table that can be read out of a checkpoint.

    Attributes:
        name: What users call the encoder, or a name after its key or file; unlike the other
            names of the same checkpoint.
        family: Tokenizer family, as `Encoder.family`.
        rows: Number of tokens.
        dim: Numbers per vector; 0 for a vocabulary alone, which is in its only tokenizer.
        dtype: One of `table.DTYPES`: of what `read_vectors` gives. Scaled fp8 and quantised
            tables are read as F32, all others as they are stored.
        stored: The dtype in the file.
        nbytes: Size as stored.
        key: Name of the tensor in the checkpoint.
        path: The file that holds it.
        offset: First byte in that file.
        scale: One factor for the table or one a row, float32; None without.
        stamp: The file as it was when it was looked at.
        tokenizers: Where a tokenizer for it may be, the likeliest first.
        models: Image models that use this encoder; none where it is not sure to be theirs.
        encoder: The encoder that it is known to be, one of `checkpoint_layouts.ENCODERS`; "" where
            its shape alone would tell.
        missing: How many of the last tokens have no vector in the file.
        rows_at: As `TensorEntry.rows_at`.
    """

    name: str
    family: str
    rows: int
    dim: int
    dtype: str
    stored: str
    nbytes: int
    key: str
    path: Path
    offset: int
    scale: TensorEntry | None
    stamp: Stamp
    tokenizers: tuple[TokenizerSource, ...]
    models: tuple[str, ...]
    encoder: str = ""
    missing: int = 0
    rows_at: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a checkpoint file or folder.

    Attributes:
        candidates: Its token tables, the best known encoders first.
        damaged: Sentences about files of a folder that should hold one, but can't be used.
    """

    candidates: list[Candidate]
    damaged: tuple[str, ...]


def candidates(path: Path) -> list[Candidate]:
    """Return the token tables of a checkpoint file or folder, the best known encoders first.

    The format is decided by content, not by the name. A tokenizer alone is a table without
    vectors.

    Raises:
        FileError: It can't be read, is damaged, or holds no token table; the sentence says what
            it holds instead and the way out.
    """
    return survey(path).candidates


def survey(path: Path) -> Survey:
    """Return the token tables as `candidates` does, and what is damaged beside them.

    Raises:
        FileError: As for `candidates`.
    """
    path = resolved(path)
    try:
        is_folder = S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    found: list[Candidate] = []
    errors: list[FileError] = []
    damaged: list[str] = []
    for checkpoint in folders.checkpoints(path) if is_folder else [path]:
        try:
            found += _of_checkpoint(checkpoint)
        except NoTable as error:
            errors.append(error)
        except FileError as error:
            errors.insert(len(damaged), error)  # before those that say less
            # Files of several folders are often called model.
            folder = f"{checkpoint.parent.name}/" if checkpoint.parent != path else ""
            damaged.append(f"{folder}{error}")
    is_open = not errors if is_folder else not damaged
    if not found and is_open and (alone := tokenizer_sources.alone(path)):
        # The tokenizer of a model without its table is not what was meant.
        is_part = folders.SHARD.fullmatch(path.name)
        if alone.form != "gguf" or (not is_part and gguf_file.is_vocabulary(path)):
            return Survey([_vocabulary(path, alone)], ())
    if not found:
        if errors:
            raise errors[0]
        raise _nothing_in(path)
    known = [encoder.name for encoder in checkpoint_layouts.ENCODERS.values()]
    found.sort(key=lambda one: known.index(one.name) if one.name in known else len(known))
    return Survey(_distinct(found, path), tuple(damaged))


def _nothing_in(folder: Path) -> FileError:
    """Say of a folder without any checkpoint what is in it instead."""
    for file in folders.foreign(folder):
        try:
            _entries(file)
        except FileError as error:
            return FileError(f"{folder.name} holds no checkpoint: {error}")
    if inner := tokenizer_sources.inside(folder):
        return FileError(
            f"{folder.name} holds no checkpoint, only a tokenizer. Open {inner.name} in it to "
            "browse its tokens without vectors."
        )
    return FileError(f"{folder.name} holds no checkpoint. Choose a file or a model folder.")


def _of_checkpoint(checkpoint: Path) -> list[Candidate]:
    files = folders.shards(checkpoint) if folders.is_index(checkpoint) else [checkpoint]
    stamps = {file: stamp_of(file) for file in files}
    entries = [entry for file in files for entry in _entries(file)]
    tables = checkpoint_layouts.token_tables(entries)
    if not tables:
        others = [file for file in folders.parts(files[0]) if file not in files]
        for file in others:  # the table of a checkpoint in parts may be in another
            stamps[file] = stamp_of(file)
            entries += _entries(file)
            if tables := checkpoint_layouts.token_tables(entries):
                break
    for file, stamp in stamps.items():
        check_unchanged(file, stamp_of(file), stamp)
    if not tables:
        kind = FileError if checkpoint_layouts.unusable(entries) else NoTable
        raise kind(f"{files[0].name} {_why_none(files[0], entries)}")
    return [_candidate(table, entries, stamps[table.entry.path]) for table in tables]


def _candidate(
    table: checkpoint_layouts.TokenTable, entries: list[TensorEntry], stamp: Stamp
) -> Candidate:
    entry, encoder = table.entry, own_names.named(table)
    converted = (*checkpoint_layouts.GGUF_BLOCKS, checkpoint_layouts.DOUBLE)
    return Candidate(
        name=encoder.name,
        family=encoder.family,
        rows=entry.shape[0] + table.missing,
        dim=entry.shape[1],
        dtype="F32" if table.scale is not None or entry.dtype in converted else entry.dtype,
        stored=entry.dtype,
        nbytes=entry.nbytes,
        key=entry.name,
        path=entry.path,
        offset=entry.offset,
        scale=table.scale,
        stamp=stamp,
        tokenizers=tokenizer_sources.find(table, entries),
        models=encoder.models,
        encoder=encoder.name if encoder in checkpoint_layouts.ENCODERS.values() else "",
        missing=table.missing,
        rows_at=entry.rows_at,
    )


def _vocabulary(path: Path, source: TokenizerSource) -> Candidate:
    """Return a tokenizer alone, whose size is told once it is read."""
    name = own_names.title(path)
    if path == source.path and path.name in tokenizer_sources.FILES:
        name = own_names.title(path.parent / "model")
    return Candidate(
        name=name,
        family="none",
        rows=0,
        dim=0,
        dtype="F32",
        stored="F32",
        nbytes=0,
        key="",
        path=source.path,
        offset=0,
        scale=None,
        stamp=stamp_of(source.path),
        tokenizers=(source,),
        models=(),
    )


def _why_none(checkpoint: Path, entries: list[TensorEntry]) -> str:
    """Say why a checkpoint, or a part of one, has no table; as a predicate with advice."""
    shard = folders.SHARD.fullmatch(checkpoint.name)
    count, there = int(shard[3]) if shard else 1, len(folders.parts(checkpoint))
    names = ""
    if not shard and gguf_file.is_gguf(checkpoint):
        count = gguf_file.parts(checkpoint)
        names = f", under names such as {checkpoint.stem}-00001-of-{count:05}.gguf"
    here = "1 is here, which does not hold" if there == 1 else f"{there:,} are here and none holds"
    if there < count and not checkpoint_layouts.unusable(entries):
        return (
            f"is one of {count:,} parts of a checkpoint, of which {here} its token vectors. "
            f"Put the other parts beside it{names}."
        )
    return checkpoint_layouts.why_none(entries)


def _entries(path: Path) -> list[TensorEntry]:
    """List the tensors of one file of any format."""
    try:
        return _of_any_format(path)
    except FileError as error:
        if what := other_formats.by_name(path):
            raise NoTable(f"{path.name} {what}") from error
        raise


def _of_any_format(path: Path) -> list[TensorEntry]:
    try:
        with path.open("rb") as file:
            start = file.read(other_formats.START_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    if start.startswith(b"GGUF"):
        return gguf_file.entries(path)
    # Before pickles, since a header of 128 bytes begins as they do.
    if start[4:9] == b"\0\0\0\0{":
        return safetensors_file.entries(path)
    if start.startswith(numpy_file.START):
        return numpy_file.entries(path)
    if start.startswith(pickle_file.STARTS):
        return pickle_file.entries(path)
    if what := other_formats.no_file(start):
        raise FileError(f"{path.name} {what}")
    is_named_so = path.suffix.lower() == ".safetensors"
    if what := other_formats.by_start(path, start):
        raise (FileError if is_named_so else NoTable)(f"{path.name} {what}")
    if path.suffix.lower() in folders.SUFFIXES:
        if what := other_formats.answer_of_server(start, stamp_of(path).size):
            raise FileError(f"{path.name} {what}")
    if is_named_so:  # the reader says what is wrong with its header
        return safetensors_file.entries(path)
    raise NoTable(
        f"{path.name} is not a checkpoint: TokenSim reads safetensors, PyTorch, GGUF and NumPy "
        "files, and tokenizers."
    )


def _distinct(found: list[Candidate], root: Path) -> list[Candidate]:
    """Tell candidates of one name apart by what differs: their files, or else their keys."""
    names = Counter(one.name for one in found)
    files = Counter((one.name, one.path) for one in found)
    result = []
    for one in found:
        if names[one.name] == 1:
            result.append(one)
            continue
        place = one.path.relative_to(root).as_posix() if root in one.path.parents else one.path.name
        if shard := folders.SHARD.fullmatch(one.path.name):
            place = place.removesuffix(one.path.name) + shard[1] + shard[4]
        place = displayed(place)
        if files[one.name, one.path] > 1:
            place = one.key
        result.append(replace(one, name=f"{one.name} ({place})"))
    return result
