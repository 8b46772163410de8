"""Caption files of a training folder: tokens, over the limit, words that split."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.regular_file import open_regular
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.models import CLIP_PLACES
from tokensim_gui.core.prompt.prompt_tokens import PromptToken, tokenize_prompt

if TYPE_CHECKING:
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

SUFFIXES = (".txt", ".caption")
_MOST_BYTES = 1 << 20
_MOST_FILES = 200_000


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """One caption file.

    Attributes:
        path: Where it is.
        tokens: Number of its tokens, without start and end.
        over: How many of them are cut off.
        odd: Words that take more than one token, each once.
        underscored: Words joined by “_”, with the tokens that each costs and would cost with
            spaces in their stead.
        problem: Why it could not be read, a sentence; or "".
    """

    path: Path
    tokens: int = 0
    over: int = 0
    odd: tuple[str, ...] = ()
    underscored: tuple[tuple[str, int, int], ...] = ()
    problem: str = ""


def check_captions(
    folder: Path, vocabulary: "Vocabulary", limit: int | None = CLIP_PLACES, job: Job | None = None
) -> tuple[CaptionFile, ...]:
    """Check every .txt and .caption file below a folder; captions have no weights.

    Raises:
        FileError: The folder can't be read or holds no caption file.
        TokenSimError: The table came without a tokenizer.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    paths: list[Path] = []
    try:
        for path in folder.rglob("*"):
            job.check()
            if path.suffix.lower() in SUFFIXES and path.is_file():
                paths.append(path)
                if len(paths) > _MOST_FILES:
                    raise FileError(f"“{folder.name}” holds over {_MOST_FILES:,} caption files.")
    except OSError as error:
        raise FileError(f"“{folder.name}” can't be read: {error.strerror}.") from error
    if not paths:
        raise FileError(f"“{folder.name}” holds no caption file (.txt or .caption).")
    checked: list[CaptionFile] = []
    for number, path in enumerate(sorted(paths)):
        job.progress(number, len(paths), path.name)
        checked.append(_check(path, vocabulary, limit))
    job.progress(len(paths), len(paths))
    return tuple(checked)


def _check(path: Path, vocabulary: "Vocabulary", limit: int | None) -> CaptionFile:
    try:
        with open_regular(path) as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        return CaptionFile(path, problem=f"It can't be read: {error.strerror}.")
    if len(data) > _MOST_BYTES:
        return CaptionFile(path, problem="It is larger than 1 MB, so it is no caption.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return CaptionFile(path, problem="It is not UTF-8 text.")
    return check_caption(text, vocabulary, limit, path)


def check_caption(
    text: str, vocabulary: "Vocabulary", limit: int | None = CLIP_PLACES, path: Path = Path()
) -> CaptionFile:
    """Check one caption."""
    prompt = tokenize_prompt(text, vocabulary, "plain", limit)
    words: dict[int, list[PromptToken]] = {}
    for token in prompt.tokens:
        if token.odd:
            words.setdefault(token.word, []).append(token)
    odd = dict.fromkeys(text[word[0].start : word[-1].end] for word in words.values())
    return CaptionFile(
        path, len(prompt.tokens), prompt.over, tuple(odd), underscored(text, vocabulary)
    )


def underscored(text: str, vocabulary: "Vocabulary") -> tuple[tuple[str, int, int], ...]:
    """Return words like ``long_hair`` that cost fewer tokens when written with spaces.

    Returns:
        Word, its tokens, its tokens with spaces; each word once.
    """
    words = dict.fromkeys(
        word.strip(",.;()") for word in text.split() if "_" in word.strip("_,.;()")
    )
    costs = (
        (word, len(vocabulary.encode(word)), len(vocabulary.encode(word.replace("_", " "))))
        for word in words
    )
    return tuple(cost for cost in costs if cost[2] < cost[1])
