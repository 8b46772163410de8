"""Embeddings made of queries: what is saved is what the programs read, diffusers asked itself."""

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.core.loras.test_inversions import T5, G, L, same, told
from tests.core.search.test_embeddings_in_queries import OTHER64, STYLE64, engine, word
from tokensim_gui.commands.main import run
from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.inversion_file import (
    FORMS,
    Inversion,
    InversionPart,
    read_inversions,
)
from tokensim_gui.core.paths import resource
from tokensim_gui.core.search.inversion_making import (
    at_usual_length,
    make_inversion,
    save_inversion,
)

__all__ = ["engine"]  # a fixture
SUFFIXES = (".safetensors", ".pt")
ONE = Inversion("mine", "", (InversionPart("clip_l", L.numpy()),))
BOTH = Inversion("both", "", (*ONE.parts, InversionPart("clip_g", G.numpy())))


def loaded(path) -> Any:
    return load_file(path) if path.suffix == ".safetensors" else torch.load(path, weights_only=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_saved_is_read_again_and_lies_where_its_program_looks(form, suffix, tmp_path):
    path = tmp_path / f"mine{suffix}"
    save_inversion(ONE, path, form)
    content = loaded(path)
    if form == "a1111" and suffix == ".pt":
        assert content["name"] == "mine"
        content = content["string_to_param"]
    key = {"a1111": "emb_params", "comfyui": "clip_l", "diffusers": "<mine>"}[form]
    assert same(content, {"*" if "*" in content else key: L})
    assert same(told(read_inversions(path)[0]), {"clip_l": L})
    save_inversion(BOTH, path, form)
    assert same(loaded(path), {"clip_l": L, "clip_g": G})


def test_what_a_program_has_no_form_for_is_said(tmp_path):
    parts = (*ONE.parts, InversionPart("t5xxl", T5.numpy()))
    with pytest.raises(TokenSimError, match="Save it for comfyui"):
        save_inversion(Inversion("x", "", parts), tmp_path / "x.safetensors", "a1111")
    with pytest.raises(TokenSimError, match=r"end in \.safetensors or \.pt"):
        save_inversion(ONE, tmp_path / "x.bin", "a1111")


class Pipe:
    """As much of a pipeline of diffusers as its loader asks for."""

    def __new__(cls, dim: int) -> Any:
        from diffusers.loaders import TextualInversionLoaderMixin
        from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

        class Loader(TextualInversionLoaderMixin):
            def __init__(self) -> None:
                folder = resource("starter")
                self.tokenizer = CLIPTokenizer(tokenizer_file=str(folder / "tokenizer.json"))
                self.text_encoder = CLIPTextModel(
                    CLIPTextConfig(
                        vocab_size=49_408,
                        hidden_size=dim,
                        intermediate_size=8,
                        num_hidden_layers=1,
                        num_attention_heads=1,
                    )
                )
                self.components: dict[str, Any] = {}
                self.hf_device_map = None

        return Loader()

    @staticmethod
    def vectors(pipe: Any, token: str) -> torch.Tensor:
        ids = pipe.tokenizer.convert_tokens_to_ids(
            pipe.maybe_convert_prompt(token, pipe.tokenizer).split()
        )
        return pipe.text_encoder.get_input_embeddings().weight.detach()[ids]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("form", FORMS)
def test_diffusers_reads_what_is_saved(form, suffix, tmp_path):
    path = tmp_path / f"mine{suffix}"
    save_inversion(ONE, path, form)
    pipe = Pipe(768)
    token = None if form == "diffusers" else "<mine>"
    pipe.load_textual_inversion(str(path), token=token, local_files_only=True)
    assert torch.equal(Pipe.vectors(pipe, "<mine>"), L)


def test_diffusers_reads_both_encoders_of_sdxl(tmp_path):
    save_inversion(BOTH, tmp_path / "both.safetensors", "diffusers")
    saved = loaded(tmp_path / "both.safetensors")
    for name, vectors in (("clip_l", L), ("clip_g", G)):
        pipe = Pipe(vectors.shape[1])
        pipe.load_textual_inversion({"<both>": saved[name]}, token="<both>")
        assert torch.equal(Pipe.vectors(pipe, "<both>"), vectors)


def test_each_query_gives_a_vector_and_an_embedding_all_of_its_own(engine):
    lines = ["cat + dog", "", "emb:bad-hands", 'emb:"my style"[2]', "0.5*emb:bad-hands[1]"]
    (part,) = make_inversion("mix", lines, engine, Job()).parts
    expected = np.vstack([word("cat") + word("dog"), STYLE64, OTHER64[1], 0.5 * STYLE64[0]])
    np.testing.assert_allclose(part.vectors, expected, rtol=1e-6)
    assert part.encoder == "dim 64"


def test_vectors_are_made_as_long_as_a_token_usually_is(engine):
    made = at_usual_length(make_inversion("mix", ["3*cat", "emb:bad-hands"], engine, Job()), engine)
    usual = np.median(engine.table.norms[engine.table.norms > 0])
    lengths = np.linalg.norm(made.parts[0].vectors, axis=1)
    np.testing.assert_allclose(lengths, usual, rtol=1e-6)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "at least one query"),
        (["", " "], "at least one query"),
        (["cat +"], "Nothing follows"),
        (["emb:nobody"], "No embedding is called"),
        (["cat"] * 76, "make 76 vectors; a prompt has room for 75"),
    ],
)
def test_what_makes_no_embedding_is_one_sentence(lines, sentence, engine):
    with pytest.raises((QueryError, TokenSimError), match=sentence):
        make_inversion("x", lines, engine, Job())


def test_the_command_makes_one(tmp_path, capsys):
    import json

    out = tmp_path / "mix.pt"
    arguments = ["make-inversion", str(out), "cat", "cute + girl", "--as", "a1111", "--json"]
    assert run([*arguments, "--usual-length"]) == 0
    said = json.loads(capsys.readouterr().out)
    (part,) = read_inversions(out)[0].parts
    assert part.vectors.shape == (2, said["dim"])
    assert len({round(norm, 4) for norm in said["norms"]}) == 1
