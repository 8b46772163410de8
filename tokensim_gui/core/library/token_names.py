"""Names for the tokens of tables that came without a tokenizer: found late, and passed on."""

import json
from contextlib import suppress
from pathlib import Path

from tokensim_gui.core.checkpoints import checkpoint_layouts
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.table import Table, TableInfo, save_table
from tokensim_gui.core.hub.hub import Hub
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.catalogue import CatalogueTokenizer, catalogue
from tokensim_gui.core.library.library import TableLibrary, is_built_in
from tokensim_gui.core.tokenizers.converting import Converted, chosen_tokenizer, convert
from tokensim_gui.core.vocabulary.pieces import LANGUAGE, T5_ROWS, can_be
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_TOKENIZER = "tokenizer.json"
_CHUNK_ROWS = 4_096
# So many rows have tables of language models with different tokenizers.
_SHARED_BY_FAMILIES = (256_000,)  # Gemma's and Cohere's
_SHARED_ROWS = (32_000, 32_001, 32_064, 32_768, 50_257, 50_304, 50_432, 65_024, 65_536, 100_352)


def _are_shared(rows: int, family: str) -> bool:
    """Tell whether tokenizers that differ are of one size, and of one family if one is told."""
    is_told = family not in (LANGUAGE, "none")
    return rows in _SHARED_ROWS or (rows in _SHARED_BY_FAMILIES and not is_told)


def is_named(info: TableInfo, library: TableLibrary) -> bool:
    """Tell whether the tokens of a table have names."""
    return is_built_in(info.slug) or (library.folder(info.slug) / _TOKENIZER).is_file()


def has_names(info: TableInfo, tokenizer: bytes, library: TableLibrary) -> bool:
    """Tell whether a table's tokens have no names yet, or those that a tokenizer gives."""
    if not is_named(info, library):
        return True
    try:
        own = (library.folder(info.slug) / _TOKENIZER).read_bytes()
        return own == tokenizer or (
            json.loads(own)["model"]["vocab"] == json.loads(tokenizer)["model"]["vocab"]
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def tokenizer_of_its_like(
    rows: int, dim: int, family: str, library: TableLibrary
) -> tuple[bytes | None, str]:
    """Return the tokenizer and the name of a table that must have the same, or None and "".

    The same shape as one known encoder tells it, or the same number of rows and the same family,
    where no two tokenizers in the library have these.
    """
    known = (rows, dim) in checkpoint_layouts.ENCODERS
    found: dict[bytes, str] = {}
    for info in library.tables():
        is_alike = info.rows == rows or (
            {info.rows, rows} <= set(T5_ROWS) and info.family == "unigram"
        )
        can_be_its_own = can_be(info.family, family) or (family == "none" and not known)
        if not is_alike or not can_be_its_own:
            continue
        if (not known or info.dim != dim) and _are_shared(rows, family):
            continue
        with suppress(OSError):
            content = (library.folder(info.slug) / _TOKENIZER).read_bytes()
            found.setdefault(content, info.name)
            if known and info.dim == dim:
                return content, info.name
    return next(iter(found.items())) if len(found) == 1 else (None, "")


def known_vocabulary(tokenizer: bytes, rows: int, library: TableLibrary) -> Vocabulary | None:
    """Return the vocabulary of a table with this very tokenizer: building one takes seconds."""
    for info in library.tables():
        folder = library.folder(info.slug)
        path = folder / _TOKENIZER
        with suppress(OSError, TokenSimError):
            same_size = info.rows == rows and path.stat().st_size == len(tokenizer)
            if same_size and path.read_bytes() == tokenizer:
                return Vocabulary.load(folder)
    return None


def catalogued_tokenizer(info: TableInfo) -> CatalogueTokenizer | None:
    """Return the tokenizer that the catalogue names for a table's shape."""
    shapes = {(entry.rows, entry.dim): entry.tokenizer for entry in catalogue()}
    return shapes.get((info.rows, info.dim))


def name_tokens(
    slug: str,
    source: str | Path,
    library: TableLibrary,
    hub: Hub | None = None,
    job: Job | None = None,
) -> list[TableInfo]:
    """Give the tokens of a table the names of a tokenizer, and those of its equals without names.

    Args:
        slug: The table.
        source: A tokenizer file; or, as text, ``OWNER/REPO:FILE`` on the hub.
        library: Where the tables are.
        hub: Where to fetch from, if ``source`` is an address.
        job: Progress, and cancellation.

    Returns:
        The tables that have names now, the one that was asked for first.

    Raises:
        TokenSimError: There is no such table, or it is built in.
        FileError: The tokenizer can't be read, or has more tokens than the table has rows.
        NetworkError: It can't be fetched.
        JobCancelled: The job was cancelled; nothing changed.
    """
    job = job or Job()
    if is_built_in(slug):
        raise TokenSimError("The tables that TokenSim comes with have their names.")
    info = library.info(slug)
    if isinstance(source, Path):
        one = convert(chosen_tokenizer(source), info.rows)
    else:
        assert hub is not None
        fetched = hub.fetch_tokenizer(source, library.downloads, job)
        one = convert(chosen_tokenizer(fetched), info.rows)
        fetched.unlink(missing_ok=True)
    if one.pieces > info.rows:
        raise FileError(
            f"This tokenizer has {one.pieces:,} tokens and {info.name} only {info.rows:,} vectors: "
            "they do not belong together."
        )
    _rename(info, one, library, job)
    made = library.info(slug)
    return [made, *pass_names_on(made, library, job)]


def pass_names_on(named: TableInfo, library: TableLibrary, job: Job) -> list[TableInfo]:
    """Give the names of a table's tokens to those tables without names that are its equals."""
    path = library.folder(named.slug) / _TOKENIZER
    changed = []
    for info in library.tables():
        if info.rows != named.rows or is_named(info, library) or info.slug == named.slug:
            continue
        is_equal = (info.sha256 == named.sha256 and info.has_vectors) or (
            info.dim == named.dim and info.encoder == named.encoder != ""
        )
        can_be_its_own = info.family == "none" or can_be(named.family, info.family)
        is_alike = can_be_its_own and not _are_shared(info.rows, info.family)
        if not (is_equal or is_alike):
            continue
        guess = named.guess or f"Its tokens are named as those of “{named.name}” are."
        with suppress(OSError):
            one = Converted(path.read_bytes(), "" if is_equal else guess, 0, 0, "", named.family)
            _rename(info, one, library, job)
            changed.append(library.info(info.slug))
    return changed


def _rename(info: TableInfo, one: Converted, library: TableLibrary, job: Job) -> None:
    """Put a table with names in the place of one without; a folder is never written to again."""
    with library.holding(info.slug) as old:
        table = Table.load(old)
        with library.adding(info.name, replaces=info.slug) as new:
            path = new.folder / _TOKENIZER
            atomic.write_atomically(path, one.content)
            vocabulary = known_vocabulary(one.content, info.rows, library)
            vocabulary = vocabulary or Vocabulary.build(path, info.rows, job)
            vocabulary.save(new.folder)
            step = _CHUNK_ROWS * max(1, info.bytes // info.rows)
            save_table(
                new.folder,
                info.name,
                vocabulary.family,
                info.dtype,
                info.rows,
                info.dim,
                (table.data[at : at + step].data for at in range(0, info.bytes, max(1, step))),
                scales=table.scales,
                source=info.source,
                revision=info.revision,
                key=info.key,
                stored=info.stored,
                whole=info.whole,
                encoder=info.encoder,
                guess=one.guess,
                job=job,
            )
            job.check()
