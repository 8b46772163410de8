"""A bug in a job leaves its page usable, and is told once, whatever the job is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_tables import add_little
from pytestqt.qtbot import QtBot

from tests.prompt_files import save_clip
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.prompt import captions, mutations
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.text_encoders.text_encoder import TextEncoder
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.jobs.worker import BUG
from tokensim_gui.state import open_tables
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 60_000


class Fault(Exception):
    """What no code foresees."""


def broken(*_args: object, **_more: object) -> object:
    raise Fault("a bug")


class Told:
    """A session, and the crashes that it tells of."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.library = TableLibrary()
        self.session = Session(Settings(), self.library)
        self.crashes: list[object] = []
        self.session.crashed.connect(self.crashes.append)
        self.session.show_first()

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=LONG_MS)

    def open(self, slug: str = STARTER) -> None:
        self.session.tables.show(slug)
        self.until(lambda: self.session.tables.current == slug and self.session.search.is_current)


@pytest.fixture
def told(qtbot: QtBot) -> Iterator[Told]:
    made = Told(qtbot)
    yield made
    made.session.close()
    assert [type(crash) for crash in made.crashes] == [Fault]
    made.library.empty_trash()


def test_a_search(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    told.open()
    search = told.session.search
    problems: list[object] = []
    search.problemChanged.connect(problems.append)
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "search", broken)
        search.set_text("cat")
        told.until(lambda: bool(told.crashes))
    search.submit()
    assert str(problems[-1]) == BUG
    search.set_text("dog")
    told.until(lambda: search.is_current)
    assert search.results is not None and search.results.query.text == "dog"


def test_opening_a_table(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    told.open()
    slug = add_little(told.library, "Little")
    notices: list[str] = []
    told.session.noticed.connect(lambda notice: notices.append(notice.text))
    with monkeypatch.context() as patch:
        patch.setattr(open_tables, "engine_for", broken)
        told.session.tables.show(slug)
        told.until(lambda: bool(told.crashes))
    assert BUG in notices and told.session.tables.info.slug == STARTER
    told.open(slug)


def test_making_prompts(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    told.open()
    prompt = told.session.prompt
    made: list[object] = []
    prompt.template.changed.connect(made.append)
    with monkeypatch.context() as patch:
        patch.setattr(mutations, "mutate", broken)
        prompt.template.fill("a #word#", 3, 0, TokenFilter(), "a1111")
        told.until(lambda: bool(told.crashes))
    assert made == [None, BUG]
    prompt.template.fill("a #word#", 3, 0, TokenFilter(), "a1111")
    told.until(lambda: isinstance(made[-1], mutations.Mutations))


def test_encoding_prompts(told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    save_clip(tmp_path)
    encoder = told.session.encoder
    encoder.open(tmp_path)
    told.until(lambda: encoder.encoder is not None)
    said: list[str] = []
    busy: list[object] = []
    answers: list[object] = []
    encoder.problemChanged.connect(said.append)
    encoder.busyChanged.connect(busy.append)
    encoder.answered.connect(answers.append)
    with monkeypatch.context() as patch:
        patch.setattr(TextEncoder, "encode", broken)
        encoder.compare(["a cat", "a dog"], 0)
        told.until(lambda: bool(told.crashes))
    assert said[-1] == BUG and busy[-1] is None
    encoder.compare(["a cat", "a dog"], 0)
    told.until(lambda: bool(answers))


def test_comparing_encoders(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    told.open(add_little(told.library, "One"))
    add_little(told.library, "Two")
    comparison = told.session.comparison
    comparison.show(told.session.search.query)
    told.until(lambda: comparison.is_current)
    search = Engine.search

    def broken_for_one(engine: Engine, *args: object, **more: object) -> object:
        first = comparison.tables.get(comparison.columns[0].info.slug)
        if first is not None and engine is first.engine:
            raise Fault("a bug")
        return search(engine, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "search", broken_for_one)
        comparison.set_text("sun")
        comparison.submit()
        told.until(lambda: bool(told.crashes) and comparison.is_current)
    assert str(comparison.columns[0].problem) == BUG
    assert comparison.columns[1].problem is None
    comparison.set_text("moon")
    told.until(lambda: comparison.is_current and bool(comparison.columns[0].ranks))


def test_checking_captions(told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a cat")
    prompt = told.session.prompt
    answers: list[object] = []
    prompt.captions.changed.connect(answers.append)
    with monkeypatch.context() as patch:
        patch.setattr(captions, "check_captions", broken)
        prompt.captions.check(tmp_path, prompt.places)
        told.until(lambda: bool(told.crashes))
    assert answers == [BUG]
    prompt.captions.check(tmp_path, prompt.places)
    told.until(lambda: isinstance(answers[-1], tuple))
