"""The list of LoRAs and embeddings, and the card of the one selected."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.core.loras.lora_files import CASES, write
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.state.loras import FileCard, Loras, written
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings

LONG_MS = 30_000


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Settings(), TableLibrary())
    yield session
    session.close()


def listed(qtbot: QtBot, loras: Loras, folder: Path) -> None:
    with qtbot.waitSignal(loras.filesChanged, timeout=LONG_MS):
        loras.look([folder])


def test_a_look_fills_the_list_and_says_how_many(session: Session, qtbot: QtBot, tmp_path: Path):
    write(CASES["OneTrainer"], tmp_path / "one.safetensors")
    said: list[str] = []
    looks = []
    session.noticed.connect(lambda notice: said.append(notice.text))
    session.loras.lookChanged.connect(looks.append)
    listed(qtbot, session.loras, tmp_path)
    assert [one.name for one in session.loras.files] == ["one"]
    assert said[-1] == "1 LoRA and 0 embeddings are listed."
    assert looks[0].running and not looks[-1].running


def test_a_cancelled_look_leaves_the_list_as_it_was(session: Session, qtbot: QtBot, tmp_path: Path):
    write(CASES["OneTrainer"], tmp_path / "one.safetensors")
    loras = session.loras
    loras.look([tmp_path])
    with qtbot.waitSignal(
        loras.lookChanged, check_params_cb=lambda look: not look.running, timeout=LONG_MS
    ):
        loras.stop_looking()
    assert loras.files == ()


def test_the_list_is_there_at_the_next_start(session: Session, qtbot: QtBot, tmp_path: Path):
    write(CASES["OneTrainer"], tmp_path / "one.safetensors")
    listed(qtbot, session.loras, tmp_path)
    again = Session(Settings(), TableLibrary())
    assert again.loras.files == session.loras.files != ()
    again.close()


def test_the_card_says_how_the_encoder_in_front_cuts_each_trigger(
    session: Session, qtbot: QtBot, tmp_path: Path
):
    write(CASES["kohya, SD 1.5"], tmp_path / "one.safetensors")
    loras = session.loras
    listed(qtbot, loras, tmp_path)
    with qtbot.waitSignal(loras.cardChanged, timeout=LONG_MS) as got:
        loras.select(loras.files[0])
    card = got.args[0]
    assert isinstance(card, FileCard) and card.lora is not None
    vocabulary = session.tables.vocabulary
    assert [vocabulary.display(token) for token in card.readings[0].ids] == ["ohwx", "man"]


def test_a_file_that_is_gone_is_one_sentence(session: Session, qtbot: QtBot, tmp_path: Path):
    path = write(CASES["OneTrainer"], tmp_path / "one.safetensors")
    listed(qtbot, session.loras, tmp_path)
    path.unlink()
    with qtbot.waitSignal(session.loras.cardChanged, timeout=LONG_MS) as got:
        session.loras.select(session.loras.files[0])
    assert got.args[0].startswith("one.safetensors") and got.args[0].endswith(".")


def test_each_program_has_its_own_way_to_call_them(session: Session, qtbot: QtBot, tmp_path: Path):
    import torch

    write(CASES["OneTrainer"], tmp_path / "hero.safetensors")
    torch.save({"<toy>": torch.ones(2, 768)}, tmp_path / "toy-1.pt")
    listed(qtbot, session.loras, tmp_path)
    lora, embedding = session.loras.files
    assert written(lora, "a1111") == "<lora:hero:1>"
    assert written(lora, "comfyui") == ""
    assert [written(embedding, name) for name in ("a1111", "comfyui", "compel", "plain")] == [
        "toy-1",
        "embedding:toy-1",
        "<toy-1>",
        "<toy>",
    ]
