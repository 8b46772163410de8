"""Find the tokenizer of a token table and bring it into the form of a tokenizer.json."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from tokensim_gui.core import paths
from tokensim_gui.core.checkpoints import (
    checkpoint_layouts,
    folders,
    other_formats,
    tokenizer_sources,
)
from tokensim_gui.core.checkpoints.detect import Candidate
from tokensim_gui.core.checkpoints.entries import read_exactly, stamp_of, unreadable
from tokensim_gui.core.checkpoints.tokenizer_sources import TokenizerSource
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers import gguf_tokenizer, sentencepiece_model, tekken, wordpiece
from tokensim_gui.core.tokenizers.byte_bpe import Added, byte_bpe, with_added
from tokensim_gui.core.vocabulary.pieces import can_be, family_of

_MAX_BYTES = 64 * 2**20
_MAX_CONFIG_BYTES = 16 * 2**20
# Tables are padded, by up to 2.4 % in published models (DeepSeek), small ones to a round number.
_MAX_UNUSED, _MAX_UNUSED_SHARE = 1_024, 0.05
# Tokenizer family: the model in its tokenizer.json, where that is not BPE.
_MODELS = {"unigram": "Unigram", "wordpiece": "WordPiece"}
_T5_START, _T5_EXTRA_IDS = ["<pad>", "</s>", "<unk>"], 100
_UMT5_PIECES, _UMT5_EXTRA_IDS = 256_000, 300
_QWEN_PIECES = 151_643
# Classes of tokenizers and types of models, as transformers calls them, without their endings.
_FAIRSEQ = ("xlmroberta", "xlmr", "xlm-roberta", "mbart", "nllb")
_GPT2 = ("gpt2", "roberta", "bart", "whisper", "codegen", "longformer", "led", "opt", "deberta")
_CLASS = ("tokenizer_class",)
_BERT = ("bert", "distilbert", "electra", "mobilebert", "mpnet", "roformer")
# What content that is not well-formed raises; OverflowError: JSON's 1e999, as an integer.
_MALFORMED = (
    *(ValueError, KeyError, TypeError, AttributeError),
    *(RecursionError, OverflowError),
)


class Converted(NamedTuple):
    """A tokenizer as a tokenizer.json.

    Attributes:
        content: The file.
        guess: A sentence about what of it is not sure, or "".
        rows: One more than the highest id of a token.
        pieces: The same without the tokens that were added.
        model: The kind of model in it.
        family: Its family, as `Vocabulary.family`.
    """

    content: bytes
    guess: str
    rows: int
    pieces: int
    model: str
    family: str


def tokenizer_bytes(candidate: Candidate) -> bytes | None:
    """Return what `tokenizer_of` finds, without what is said of it."""
    found = tokenizer_of(candidate)
    return found.content if found else None


def tokenizer_of(candidate: Candidate) -> Converted | None:
    """Return the tokenizer of a token table, or None if none was found for it.

    Of those in the likeliest place that can be read and fit the table, the one of its family that
    leaves the fewest rows unused is taken.

    Raises:
        FileError: There are tokenizers of its own, but none that can be read or converted, and
            fits; the sentence is about the first. The vectors can be used all the same, with ids
            for names.
    """
    errors = []
    sources = candidate.tokenizers
    if candidate.family == "clip" and all(source.form != "bundled" for source in sources):
        sources = (*sources, TokenizerSource("bundled"))  # whose tokens are the first of the table
    for _, place in groupby(sources, _place):
        found: list[tuple[bool, int, Converted]] = []
        for source in place:
            try:
                one = convert(source, candidate.rows)
                _check_fit(source, one, candidate)
                is_other = not can_be(one.family, candidate.family)
                found.append((is_other, candidate.rows - one.rows, _remarked(one, source)))
            except FileError as error:
                if source.distance < 2:  # of others nobody said that they are its own
                    errors.append(error)
        if found:
            return min(found, key=lambda entry: entry[:2])[2]
    if errors:
        raise errors[0]
    missing = folders.missing_first_part(candidate.path)
    if missing.lower().endswith(".gguf"):
        raise FileError(f"The tokenizer of {candidate.name} is in {missing}, which is not here.")
    return None


def _place(source: TokenizerSource) -> tuple[object, ...]:
    if source.distance > 1:
        return (source.distance,)
    return source.distance, source.path.parent, source.place


def convert(source: TokenizerSource, rows: int) -> Converted:
    """Return a tokenizer as a tokenizer.json.

    Args:
        source: Where it is.
        rows: Of the table that it is for, 0 if there is none.

    Raises:
        FileError: It can't be read or converted.
    """
    try:
        content, guess = _content(source, rows)
        document = json.loads(content)
        model = document["model"]
        vocab = model["vocab"]
        pieces = len(vocab) if type(vocab) is list else 1 + max(vocab.values(), default=-1)
        added = [token["id"] for token in document.get("added_tokens") or ()]
        if max(pieces - 1, *added, 0) >= checkpoint_layouts.MAX_ROWS:
            raise ValueError("more tokens than any encoder has")
        kind = model.get("type") or ("BPE" if "merges" in model else "")
        highest = 1 + max((pieces - 1, *added))
        return Converted(content, guess, highest, pieces, kind, family_of(document))
    except _MALFORMED as error:
        if source.place is None and (what := other_formats.no_file(_start_of(source.path))):
            raise FileError(f"{source.title} {what}") from error
        raise FileError(f"{source.title} holds a tokenizer that can't be read.") from error


def _start_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(other_formats.START_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error


def _remarked(one: Converted, source: TokenizerSource) -> Converted:
    if source.distance < 2:
        return one
    fits = f"{source.title} fits it by its size, and gives its tokens their names."
    return one._replace(guess=f"{fits} {one.guess}".strip())


def _check_fit(source: TokenizerSource, one: Converted, candidate: Candidate) -> None:
    """Refuse a tokenizer that, by its size or kind, belongs to another encoder.

    Raises:
        FileError: It belongs to another encoder.
    """
    rows = candidate.rows
    if not candidate.dim:
        return
    spare = _MAX_UNUSED if source.form == "bundled" else max(_MAX_UNUSED, rows * _MAX_UNUSED_SHARE)
    if one.pieces > rows or rows - one.rows > spare:
        raise FileError(
            f"{source.title} has {one.rows:,} pieces for the {rows:,} vectors of {candidate.name}, "
            "so it belongs to another encoder."
        )
    shape = (rows, candidate.dim)
    known = checkpoint_layouts.ENCODERS.get(shape) if candidate.encoder else None
    if known is not None and one.model != _MODELS.get(known.family, "BPE"):
        raise FileError(
            f"{source.title} is of another kind than that of {candidate.name}, so it belongs to "
            "another encoder."
        )


def chosen_tokenizer(path: Path) -> TokenizerSource:
    """Return the tokenizer that a user chose: a file, or the folder of one.

    Raises:
        FileError: It is none, or not there.
    """
    source = tokenizer_sources.alone(paths.resolved(path))
    if source is None:
        raise FileError(
            f"{path.name} is not a tokenizer. Choose a tokenizer.json, vocab.json, vocab.txt, "
            "tekken.json, a tiktoken file, a GGUF file or a SentencePiece model."
        )
    stamp_of(source.path)  # else the table would come without names
    return source


def measured(candidate: Candidate) -> Candidate:
    """Return a vocabulary without vectors with its number of tokens and its family.

    Raises:
        FileError: Its tokenizer can't be read.
    """
    one = convert(candidate.tokenizers[0], 0)
    return replace(candidate, rows=one.rows, family=one.family)


def _content(source: TokenizerSource, rows: int) -> tuple[bytes, str]:
    if source.form == "bundled":
        return _read(paths.resource("starter/tokenizer.json")), ""
    if source.form == "gguf":
        return gguf_tokenizer.convert(source.path)
    content = _read(source.path, source.place)
    form = source.form
    if form == "json":
        document = json.loads(content)
        is_object = isinstance(document, dict)
        if is_object and "model" in document:
            # With a mark of its encoding before it, what cuts text would not read it.
            plain = content if content[:1] == b"{" else json.dumps(document).encode()
            return plain if source.place else _with_rest(plain, document, source.path), ""
        # A vocab.json or tekken.json under another name.
        form = "tekken" if is_object and "config" in document else "vocab"
    beside = {} if source.place else _config(source.path)
    if form in ("sentencepiece", "tiktoken") and tekken.is_tiktoken(content):
        made, is_known = tekken.of_tiktoken(content)
        return _with_more(made, beside, source.path), "" if is_known else _taken_as("Llama 3")
    if form == "sentencepiece":
        return _of_sentencepiece(content, source, beside, rows)
    if form == "tekken":
        return tekken.convert(content), ""
    if form == "wordpiece":
        made = wordpiece.convert(content, beside)
        is_sure = b"\n##" in content or _called(beside).startswith(_BERT)
        return _with_more(made, beside, source.path), "" if is_sure else _taken_as("BERT")
    return _of_vocabulary(content, source, beside)


def _of_sentencepiece(
    content: bytes, source: TokenizerSource, config: Mapping[str, Any], rows: int
) -> tuple[bytes, str]:
    """Convert a ModelProto in the order in which its encoder numbers the pieces."""
    called, guess, order, extra = _called(config), "", "", 0
    model = sentencepiece_model.parse(content)
    if called.startswith("camembert"):
        order = "camembert"
    elif called.startswith(_FAIRSEQ):
        order = "fairseq"
    elif source.path.name == "sentencepiece.bpe.model" and not _called(config, _CLASS):
        order = "fairseq" if rows != len(model.pieces) else ""
        guess = "The order of its tokens is taken to be that of XLM-R, as the file's name says."
    names = model.pieces[:3]
    if names == _T5_START and not any("extra_id_" in piece for piece in model.pieces[-400:]):
        usual = _UMT5_EXTRA_IDS if len(model.pieces) == _UMT5_PIECES else _T5_EXTRA_IDS
        extra = config.get("extra_ids", usual)
        extra = extra if type(extra) is int and 0 <= extra <= 1_000 else usual
        if rows and len(model.pieces) + extra > rows:
            extra = 0
    made = sentencepiece_model.convert(content, order, extra)
    return _with_more(made, config, None if source.place else source.path), guess


def _of_vocabulary(
    content: bytes, source: TokenizerSource, config: Mapping[str, Any]
) -> tuple[bytes, str]:
    """Convert a vocab.json with the merges.txt and tokenizer_config.json beside it."""
    vocab = json.loads(content)
    if not isinstance(vocab, dict) or not all(type(number) is int for number in vocab.values()):
        raise FileError(
            f"{source.title} is JSON, but no tokenizer. Choose a tokenizer.json, vocab.json or "
            "tekken.json, or the checkpoint; a ComfyUI workflow is read on Prompt."
        )
    if not vocab or min(vocab.values()) < 0 or max(vocab.values()) > 2 * len(vocab) + 10_000:
        raise ValueError("not a list of pieces")
    path = source.path
    beside = path.with_name(path.name.replace("vocab.json", "merges.txt"))
    called, guess, merges = _called(config), "", []
    if beside != path and os.path.isfile(beside):
        lines = _read(beside).decode().splitlines()
        merges = [line for line in lines if line and not line.startswith("#version")]
    added = list(_added(config, path))
    if called.startswith("clip") or any(piece.endswith("</w>") for piece in vocab):
        bundled = _read(paths.resource("starter/tokenizer.json"))
        document = json.loads(bundled)
        own = document["model"]["vocab"]
        if vocab == own and not added and merges in ([], _as_lines(document["model"]["merges"])):
            return bundled, ""
        if not merges:  # CLIP's own, if its pieces are CLIP's
            guess = "" if vocab.items() <= own.items() else _NO_MERGES
        if merges or guess:
            document["model"]["merges"] = merges
        else:  # of a vocabulary that was cut
            document["model"]["merges"] = [
                f"{left} {right}"
                for left, right in map(str.split, _as_lines(document["model"]["merges"]))
                if left + right in vocab and left in vocab and right in vocab
            ]
        document["model"]["vocab"] = vocab
        specials = [token for token in document["added_tokens"] if token["content"] in vocab]
        document["added_tokens"] = [{**one, "id": vocab[one["content"]]} for one in specials]
        for side, piece in (("cls", "<|startoftext|>"), ("sep", "<|endoftext|>")):
            document["post_processor"][side] = [piece, vocab.get(piece, 0)]
        return json.dumps(with_added(document, added), ensure_ascii=False).encode(), guess
    splitter = "gpt-2"
    if called.startswith("qwen") or (not called and len(vocab) == _QWEN_PIECES):
        splitter = "qwen2"
    elif not called.startswith(_GPT2):
        guess = _taken_as("GPT-2")
    if not merges:
        guess = f"{guess} {_NO_MERGES}".strip()
    made = byte_bpe(vocab, merges, splitter, added, stays_whole=not merges)
    return made, guess


def _taken_as(whose: str) -> str:
    return f"How it cuts text is taken to be {whose}'s way, which no file beside it confirms."


def _as_lines(merges: list[Any]) -> list[str]:
    return [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]


_NO_MERGES = "Without its merges.txt, only words that are tokens are cut as it would."


def _config(path: Path) -> dict[str, Any]:
    """Return what stands beside a tokenizer: its own configuration, or its model's."""
    places = [path.with_name("tokenizer_config.json"), path.with_name("config.json")]
    folder = path.parent
    places.append(folder.parent / folder.name.replace("tokenizer", "text_encoder") / "config.json")
    config: dict[str, Any] = {}
    for place in places:
        if os.path.isfile(place):
            try:
                content = json.loads(_read(place, limit=_MAX_CONFIG_BYTES))
            except (ValueError, RecursionError):
                continue
            if isinstance(content, dict):
                config = {**content, **config}
    return config


def _called(config: Mapping[str, Any], names: Sequence[str] = (*_CLASS, "model_type")) -> str:
    """Return the kind of a tokenizer as transformers calls it, in lower case; "" if unknown."""
    kind = next((config[name] for name in names if config.get(name)), "")
    kind = kind.lower() if isinstance(kind, str) else ""
    return "" if kind.startswith("pretrainedtokenizer") else kind


def _added(config: Mapping[str, Any], path: Path | None) -> Iterator[Added]:
    """Give the tokens that were added to a vocabulary; the first file to name one is believed."""
    seen: set[int | str] = set()
    for one in _said_to_be_added(config, path):
        if one.id >= 0 and one.id not in seen and one.content not in seen:
            seen |= {one.id, one.content}
            yield one


def _said_to_be_added(config: Mapping[str, Any], path: Path | None) -> Iterator[Added]:
    listed = config.get("added_tokens_decoder")
    for number, token in (listed if isinstance(listed, dict) else {}).items():
        yield Added(int(number), str(token["content"]), bool(token.get("special", True)))
    beside = path.with_name("added_tokens.json") if path else None
    if beside is not None and os.path.isfile(beside):
        for piece, number in json.loads(_read(beside, limit=_MAX_CONFIG_BYTES)).items():
            if type(number) is int:
                yield Added(number, str(piece), False)


def _with_more(made: bytes, config: Mapping[str, Any], path: Path | None) -> bytes:
    added = list(_added(config, path))
    if not added:
        return made
    return json.dumps(with_added(json.loads(made), added), ensure_ascii=False).encode()


def _with_rest(made: bytes, document: dict[str, Any], path: Path) -> bytes:
    """Return a tokenizer.json with the tokens that only the files beside it name, if any."""
    vocab = document["model"]["vocab"]
    named = {token["id"] for token in document.get("added_tokens") or ()}
    named |= {*range(len(vocab))} if isinstance(vocab, list) else {*vocab.values()}
    words = set() if isinstance(vocab, list) else vocab
    with suppress(FileError, *_MALFORMED):  # of files that it can do without
        said = [one for one in _added(_config(path), path) if one.id not in named]
        last = max(named, default=0) + len(said)  # added tokens leave no gap
        more = [one for one in said if 0 <= one.id <= last and one.content not in words]
        if more:
            return json.dumps(with_added(document, more), ensure_ascii=False).encode()
    return made


def _read(path: Path, place: tuple[int, int] | None = None, limit: int = _MAX_BYTES) -> bytes:
    offset, nbytes = place or (0, stamp_of(path).size)
    if nbytes > limit:
        raise FileError(f"The tokenizer in {path.name} is far larger than any tokenizer.")
    try:
        with path.open("rb") as file:
            return read_exactly(file, path, offset, nbytes)
    except OSError as error:
        raise unreadable(path, error) from error
