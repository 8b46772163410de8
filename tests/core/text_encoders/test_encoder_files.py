"""Text encoders out of files of every true layout, against what transformers computes itself."""

import json
import socket

import gguf
import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from tests.core.checkpoints.layouts_on_disk import write_pickle, write_safetensors
from tests.core.text_encoders.small_encoders import (
    END,
    PREFIX,
    ROWS,
    as_openclip,
    assert_encodes_like,
    clip_model,
    language_model,
    state_of,
    unigram,
    write_sparse,
)
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.text_encoders.encoder_files import open_encoder
from tokensim_gui.core.text_encoders.encoder_layouts import candidates_for_encoding


@pytest.fixture(scope="module")
def clip():
    return clip_model()


@pytest.fixture(scope="module")
def clip_g():
    return clip_model(width=128, layers=3, projection=192, seed=1)


@pytest.mark.parametrize("layout", PREFIX)
def test_a_single_file_encodes_as_transformers_does(layout, clip, tmp_path):
    path = write_safetensors(tmp_path / "one.safetensors", state_of(clip, PREFIX[layout]))
    assert_encodes_like(open_encoder(path), clip)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickled_checkpoint_encodes_as_transformers_does(legacy, clip, tmp_path):
    state = state_of(clip, "cond_stage_model.transformer.")
    # Old files lack this part of the names, and have the positions' numbers.
    state = {name.replace("text_model.", ""): value for name, value in state.items()}
    state["cond_stage_model.transformer.embeddings.position_ids"] = torch.arange(77)[None]
    state["model.diffusion_model.out.weight"] = torch.zeros(4, 4)
    path = write_pickle(tmp_path / "sd.ckpt", {"state_dict": state, "epoch": 3}, legacy)
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
    with pytest.raises(FileError, match="of which some are missing"):
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
        with pytest.raises(FileError, match=r"are not those that its layout|not all the layers"):
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


def test_tensors_of_impossible_shapes_are_refused_with_a_sentence(clip, tmp_path):
    shapes = {
        layout: {name: list(value.shape) for name, value in state.items()}
        for layout, state in (("hf", state_of(clip)), ("openclip", as_openclip(clip, "")))
    }
    t5 = {name: list(value.shape) for name, value in t5_model().state_dict().items()}
    opened = 0
    for tensors in (*shapes.values(), t5):
        for number, name in enumerate(tensors):
            for shape in ([], [5], [7, 3]):
                path = write_sparse(tmp_path / "odd.safetensors", tensors | {name: shape})
                try:
                    sources = candidates_for_encoding(path)
                    if sources and number % 30 == 0:
                        opened += 1
                        open_encoder(path)
                except FileError:
                    continue
    assert opened > 3


@pytest.mark.parametrize("kind", ["bitsandbytes", "awq", "gptq", "fp8", "unnamed", "int8", "mxfp4"])
def test_a_quantised_encoder_is_said_to_be_that_and_not_offered_as_whole(kind, tmp_path):
    language_model(tmp_path)
    (path,) = tmp_path.glob("*.safetensors")
    state = {}
    for name, value in load_file(path).items():
        if not name.endswith("proj.weight"):
            state[name] = value
        elif kind in ("bitsandbytes", "unnamed"):
            state[name] = torch.zeros(value.numel() // 2, 1, dtype=torch.uint8)
            state[f"{name}.absmax"] = torch.ones(4)
        elif kind == "int8":
            state[name] = torch.zeros(value.shape, dtype=torch.int8)
            state[f"{name}_scale"] = torch.ones(len(value), 1)
        elif kind == "mxfp4":
            state[f"{name}_blocks"] = torch.zeros(4, 4, dtype=torch.uint8)
        elif kind == "fp8":
            state[name] = value.to(torch.float8_e4m3fn)
            state[f"{name}_scale_inv"] = torch.ones(1, 1)
        else:
            state[f"{name.removesuffix('weight')}qweight"] = torch.zeros(4, 4, dtype=torch.int32)
            state[f"{name.removesuffix('weight')}scales"] = torch.ones(1, 4)
    save_file(state, path)
    if kind not in ("unnamed", "int8", "mxfp4"):
        config = json.loads((tmp_path / "config.json").read_text())
        config["quantization_config"] = {"quant_method": kind}
        (tmp_path / "config.json").write_text(json.dumps(config))
    assert len(candidates(tmp_path)) == 1
    assert candidates_for_encoding(tmp_path) == []
    with pytest.raises(FileError, match=r"is quantised .* in 16 bits\.") as caught:
        open_encoder(tmp_path)
    assert "ownload" not in str(caught.value)


def test_a_table_alone_beside_a_configuration_is_no_whole_encoder(tmp_path):
    language_model(tmp_path)
    (path,) = tmp_path.glob("*.safetensors")
    table = {name: one for name, one in load_file(path).items() if "embed_tokens" in name}
    save_file(table, path)
    assert len(candidates(tmp_path)) == 1
    assert candidates_for_encoding(tmp_path) == []


def test_an_encoder_without_some_of_its_layers_is_not_offered_as_whole(tmp_path):
    language_model(tmp_path)
    assert len(candidates_for_encoding(tmp_path)) == 1
    (path,) = tmp_path.glob("*.safetensors")
    state = load_file(path)
    last = max(int(name.split(".layers.")[1].split(".")[0]) for name in state if ".layers." in name)
    save_file({k: v for k, v in state.items() if f".layers.{last}." not in k}, path)
    assert candidates_for_encoding(tmp_path) == []
    with pytest.raises(FileError, match="not all the layers that"):
        open_encoder(tmp_path)
