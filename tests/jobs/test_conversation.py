import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tokensim_gui.jobs.conversation import Conversation

LONG_MS = 60_000
ECHO = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"


@pytest.fixture
def talk(qapp: object) -> Iterator[Callable[[], tuple[Conversation, list[tuple[Any, Any]]]]]:
    """Make a conversation and the list of its answers."""
    made: list[Conversation] = []

    def make() -> tuple[Conversation, list[tuple[Any, Any]]]:
        answers: list[tuple[Any, Any]] = []
        made.append(Conversation(["look-up", "--follow"]))
        made[-1].answered.connect(lambda asked, answer: answers.append((asked, answer)))
        return made[-1], answers

    yield make
    for conversation in made:
        conversation.close()


def test_every_encoder_of_the_library_is_asked(qtbot: QtBot, talk: Callable[..., Any]) -> None:
    conversation, answers = talk()
    conversation.ask("cute girl")
    qtbot.waitUntil(lambda: bool(answers), timeout=LONG_MS)
    ((asked, answer),) = answers
    assert asked == answer["text"] == "cute girl"
    starter = next(row for row in answer["encoders"] if row["slug"] == "starter")
    assert (starter["ids"], starter["pieces"]) == ([2242, 1611], ["cute", "girl"])


def test_only_the_newest_question_is_told(
    qtbot: QtBot, program: Callable[[str], None], talk: Callable[..., Any]
) -> None:
    program(ECHO)
    conversation, answers = talk()
    for word in ("a", "b", "c"):
        conversation.ask(word)
    qtbot.waitUntil(lambda: bool(answers), timeout=LONG_MS)
    assert answers == [("c", "C")]


def test_a_process_that_ends_is_started_again_by_the_next_question(
    qtbot: QtBot, program: Callable[[str], None], talk: Callable[..., Any]
) -> None:
    program("print(input().upper(), flush=True)")
    conversation, answers = talk()
    for word in ("a", "b"):
        conversation.ask(word)
        qtbot.waitUntil(lambda: len(answers) == 1, timeout=LONG_MS)
        assert answers.pop() == (word, word.upper())


def test_after_a_program_that_could_not_be_started_the_next_question_starts_one(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, talk: Callable[..., Any]
) -> None:
    python, later = sys.executable, tmp_path / "program"
    monkeypatch.setattr(sys, "executable", str(later))
    conversation, answers = talk()
    conversation.ask("a")
    later.write_text(f"#!{python}\n{ECHO}\n")
    later.chmod(0o755)
    conversation.ask("b")
    qtbot.waitUntil(lambda: bool(answers), timeout=LONG_MS)
    assert answers == [("b", "B")]
