"""Tokenizers in processes of their own, which cut as the same tokenizer does in this one."""

import gc
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.errors import NotReady, TokenSimError
from tokensim_gui.core.vocabulary.splitting import LoadedTokenizer, Split, Splitter
from tokensim_gui.jobs.tokenizers import TokenizerProcess, Tokenizers

CLIP = paths.resource("starter/tokenizer.json")
TEXTS = ("cute girl", "two\nlines", "😅 ﬁ “quoted”", "", " ", "a" * 20_000, "\x00", "猫 \u2028 end")
LONG_S = 60


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program of one's own in the place of TokenSim; it writes its number into a file."""

    def put(code: str) -> Path:
        path, number = tmp_path / "program", tmp_path / "number"
        head = f"import os\nopen({str(number)!r}, 'a').write(f'{{os.getpid()}}\\n')"
        path.write_text(f"#!{sys.executable}\n{head}\n{code}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))
        return number

    return put


@pytest.fixture
def tokenizers() -> Iterator[Tokenizers]:
    tokenizers = Tokenizers()
    yield tokenizers
    tokenizers.close()


def split(splitter: Splitter, text: str) -> list[Split]:
    """What it says once it is ready."""
    end = time.monotonic() + LONG_S
    while time.monotonic() < end:
        try:
            return splitter.split(text)
        except NotReady:
            time.sleep(0.01)
    raise TimeoutError


def large(folder: Path, name: str) -> Path:
    """CLIP's tokenizer in a file that is too large to be loaded quickly."""
    path = folder / name
    path.write_bytes(CLIP.read_bytes() + b" " * 4_000_000)
    return path


def wait_for_end(process: int) -> None:
    end = time.monotonic() + LONG_S
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise TimeoutError


def processes(number: Path) -> list[int]:
    return [int(line) for line in number.read_text().split()]


def test_a_process_cuts_every_text_as_the_tokenizer_does_here() -> None:
    process, here = TokenizerProcess(CLIP), LoadedTokenizer(CLIP)
    for text in TEXTS:
        assert split(process, text) == here.split(text)
    process.close()


def test_while_a_tokenizer_loads_nobody_waits(program: Callable[[str], Path]) -> None:
    program("import sys\nsys.stdin.readline()")
    process = TokenizerProcess(CLIP)
    assert not process.is_ready
    with pytest.raises(NotReady):
        process.split("cat")
    process.close()


def test_a_process_that_ends_is_started_again(program: Callable[[str], Path]) -> None:
    number = program("print('{}', flush=True)\ninput()\nprint('[[1, 0, 3]]', flush=True)")
    process = TokenizerProcess(CLIP)
    for _ in range(3):
        assert split(process, "cat") == [Split(1, 0, 3)]
    assert len(processes(number)) == 3
    process.close()


def test_one_that_always_ends_is_said_in_a_sentence_and_tried_later(
    program: Callable[[str], Path],
) -> None:
    program("")
    process = TokenizerProcess(CLIP)
    for _ in range(2):
        with pytest.raises(TokenSimError, match="ended again and again") as raised:
            split(process, "cat")
        assert "\n" not in str(raised.value)
    process.close()


def test_a_program_that_can_not_be_started_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(TokenSimError, match="could not start a second process"):
        TokenizerProcess(CLIP)


def test_a_file_that_is_no_tokenizer_is_said_and_a_text_that_can_not_be_split(
    tmp_path: Path,
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    process = TokenizerProcess(path)
    for _ in range(2):
        with pytest.raises(TokenSimError, match="is not a tokenizer that TokenSim can read"):
            split(process, "cat")
    path.write_text(
        '{"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"a": 0}, '
        '"continuing_subword_prefix": "##", "max_input_chars_per_word": 100}}'
    )
    process = TokenizerProcess(path)
    for _ in range(2):
        with pytest.raises(TokenSimError, match="can't split “cat”"):
            split(process, "cat")
    assert split(process, "a") == [Split(0, 0, 1)]
    process.close()


def test_what_a_library_prints_is_no_answer(program: Callable[[str], Path]) -> None:
    program("print('Warning!')\nprint('{}')\ninput()\nprint('Hm.\\n[[7, 0, 3]]', flush=True)")
    process = TokenizerProcess(CLIP)
    assert split(process, "cat") == [Split(7, 0, 3)]
    process.close()


def test_a_process_ends_with_the_last_who_could_ask_it(
    program: Callable[[str], Path],
) -> None:
    number = program("print('{}', flush=True)\ninput()\nprint('[]', flush=True)\ninput()")
    process = TokenizerProcess(CLIP)
    split(process, "cat")
    del process
    gc.collect()
    (first,) = processes(number)
    wait_for_end(first)


def test_only_a_large_tokenizer_gets_a_process(tokenizers: Tokenizers, tmp_path: Path) -> None:
    assert isinstance(tokenizers.open(CLIP), LoadedTokenizer)
    assert isinstance(tokenizers.open(large(tmp_path, "tokenizer.json")), TokenizerProcess)
    with pytest.raises(TokenSimError, match="can't be read"):
        tokenizers.open(tmp_path / "nothing.json")


def test_the_last_two_are_kept_and_those_in_use(
    tokenizers: Tokenizers, tmp_path: Path, program: Callable[[str], Path]
) -> None:
    number = program("print('{}', flush=True)\ninput()\nprint('[]', flush=True)\ninput()")
    names = [large(tmp_path, name) for name in ("a", "b", "c")]
    used = tokenizers.open(names[0])
    split(used, "")
    split(tokenizers.open(names[1]), "")
    assert tokenizers.open(names[0]) is used
    split(tokenizers.open(names[2]), "")
    gc.collect()
    a, b, _c = processes(number)
    wait_for_end(b)
    assert tokenizers.open(names[0]) is used and os.kill(a, 0) is None


def test_a_file_that_has_changed_is_loaded_anew(tokenizers: Tokenizers, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    shutil.copy(CLIP, path)
    before = tokenizers.open(path)
    path.write_bytes(path.read_bytes() + b"\n")
    assert tokenizers.open(path) is not before


def test_with_the_session_all_end_and_none_begins(
    tokenizers: Tokenizers, tmp_path: Path, program: Callable[[str], Path]
) -> None:
    number = program("print('{}', flush=True)\ninput()\nprint('[]', flush=True)\ninput()")
    path = large(tmp_path, "tokenizer.json")
    process = tokenizers.open(path)
    split(process, "cat")
    tokenizers.close()
    (first,) = processes(number)
    wait_for_end(first)
    with pytest.raises(TokenSimError):
        process.split("cat")
    with pytest.raises(TokenSimError):
        tokenizers.open(path)
    assert processes(number) == [first]
