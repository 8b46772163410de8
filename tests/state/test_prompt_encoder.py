"""Whole prompts through an opened text encoder."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.prompt_files import save_clip
from tokensim_gui.state.prompt_encoder import Compared, OpenEncoder, Varied

if TYPE_CHECKING:
    from tokensim_gui.core.job import Progress

from tests.state.prompt_bench import LONG_MS, Bench


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clip(tmp_path_factory.mktemp("clip"))


def test_prompts_are_compared_by_an_opened_encoder(bench: Bench, clip_folder: Path) -> None:
    encodings = bench.session.encoder
    encodings.open(clip_folder)
    encoder = bench.wait(encodings.encoderChanged, OpenEncoder)
    assert encoder.layers == 3
    encodings.compare(["a cat", "a dog", "a cat"], 1)
    compared = bench.wait(encodings.answered, Compared)
    assert compared.whole.shape == (3, 3)
    assert compared.whole[0, 2] == pytest.approx(1) and compared.whole[0, 1] < 1
    encodings.influence("a cat", 0)
    influence = bench.wait(encodings.answered, object)
    assert len(influence.ids) == 2 and np.all(influence.pooled > 0)


def test_swaps_of_near_tokens_are_ranked_by_their_encodings(
    bench: Bench, clip_folder: Path
) -> None:
    bench.open_table()
    encodings = bench.session.encoder
    encodings.open(clip_folder)
    bench.wait(encodings.encoderChanged, OpenEncoder)
    bench.prompt.vary("a red cat", 0)
    varied = bench.wait(encodings.answered, Varied)
    likeness = [one.similarity for one in varied.variations]
    assert likeness == sorted(likeness, reverse=True)
    assert "a red kitten" in [one.prompt for one in varied.variations]


def test_encoding_can_be_cancelled_and_the_next_question_is_answered(
    bench: Bench, clip_folder: Path
) -> None:
    encodings = bench.session.encoder
    encodings.open(clip_folder)
    bench.wait(encodings.encoderChanged, OpenEncoder)
    answers: list[object] = []
    encodings.answered.connect(answers.append)
    prompts = [f"{number} a cat on the roof of a house " * 8 for number in range(64)]
    busy: list[Progress | None] = []
    encodings.busyChanged.connect(busy.append)
    encodings.compare(prompts, 0)
    bench.qtbot.waitUntil(
        lambda: any(one is not None and one.done for one in busy), timeout=LONG_MS
    )
    encodings.cancel()
    bench.qtbot.waitUntil(lambda: busy[-1] is None, timeout=1000)
    assert answers == []
    encodings.compare(["a", "b"], 0)
    assert isinstance(bench.wait(encodings.answered, Compared), Compared)


def test_a_checkpoint_without_a_whole_encoder_is_one_sentence(bench: Bench, tmp_path: Path) -> None:
    encodings = bench.session.encoder
    (tmp_path / "x.safetensors").write_bytes(b"no checkpoint")
    with bench.qtbot.waitSignal(
        encodings.problemChanged, timeout=LONG_MS, check_params_cb=bool
    ) as problem:
        encodings.open(tmp_path / "x.safetensors")
    assert problem.args is not None and "x.safetensors" in problem.args[0]
    assert encodings.encoder is None


def test_the_open_checkpoint_is_looked_at_for_a_whole_encoder(
    bench: Bench, clip_folder: Path
) -> None:
    bench.session.encoder.look_at(str(clip_folder))
    whole = bench.wait(bench.session.encoder.wholeFound, object)
    assert whole.path == clip_folder and len(whole.names) == 1


def test_a_checkpoint_that_was_moved_away_has_no_whole_encoder(
    bench: Bench, tmp_path: Path
) -> None:
    bench.session.encoder.look_at(str(tmp_path / "gone.safetensors"))
    assert bench.wait(bench.session.encoder.wholeFound, object).names == ()


def test_only_what_is_sent_goes_to_the_encoder(bench: Bench) -> None:
    plain = bench.prompt.plain("a (cute:1.2) [cat] <lora:x:1> __wild__")
    assert plain.split() == ["a", "cute", "cat"]
