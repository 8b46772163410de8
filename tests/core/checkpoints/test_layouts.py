"""One rule over names and shapes finds the token tables of every layout."""

from pathlib import Path

import pytest

from tests.core.checkpoints.layouts_on_disk import LAYOUTS
from tokensim_gui.core.checkpoints.checkpoint_layouts import ENCODERS, token_tables, why_none
from tokensim_gui.core.checkpoints.entries import TensorEntry
from tokensim_gui.core.vocabulary.pieces import LANGUAGE

ITEM = {"F16": 2, "F32": 4}


def entry(
    name: str, shape: tuple[int, ...] = (49408, 768), dtype: str = "F16", offset: int = 0
) -> TensorEntry:
    return TensorEntry(name, dtype, shape, Path("a.safetensors"), offset, 1)


def entries(*names: str, shape: tuple[int, ...] = (49408, 768)) -> list[TensorEntry]:
    return [entry(name, shape, offset=place) for place, name in enumerate(names)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_exactly_the_token_tables_of_a_layout_are_found(layout):
    tables, others = LAYOUTS[layout]
    found = token_tables(entries(*others, *tables))
    assert [table.entry.name for table in found] == list(tables)


@pytest.mark.parametrize(
    ("shape", "name", "family", "model"),
    [
        ((49408, 768), "CLIP-L", "clip", "SDXL"),
        ((49408, 1024), "OpenCLIP-H", "clip", "SD 2.x"),
        ((49408, 1280), "OpenCLIP bigG", "clip", "SD 3"),
        ((32128, 4096), "T5-XXL", "unigram", "FLUX.1"),
        ((256000, 2304), "Gemma-2-2B", "sentencepiece", "Sana"),
        ((128256, 4096), "Llama-3.1-8B", "byte-bpe", "HiDream-I1"),
        ((152064, 3584), "Qwen2.5-VL-7B", "byte-bpe", "Qwen-Image"),
        ((151936, 2560), "Qwen3-4B", "byte-bpe", "Z-Image"),
        ((131072, 5120), "Mistral-Small-3.2-24B", "byte-bpe", "FLUX.2-dev"),
        ((256384, 4096), "UMT5-XXL", "unigram", "Wan"),
    ],
)
def test_encoders_are_named_by_their_shape_with_the_models_that_use_them(
    shape, name, family, model
):
    encoder = token_tables([entry("shared.weight", shape)])[0].encoder
    assert (encoder.name, encoder.family) == (name, family)
    assert model in encoder.models
    assert ENCODERS[shape] is encoder


@pytest.mark.parametrize(
    ("key", "shape", "name", "family"),
    [
        (
            "text_encoders.jina.transformer.model.embed_tokens.weight",
            (2000, 64),
            "jina",
            LANGUAGE,
        ),
        (
            "text_encoders.qwen3_06b.transformer.model.embed_tokens.weight",
            (151_936, 1024),
            "qwen3_06b",
            "byte-bpe",
        ),
        ("model.embed_tokens.weight", (256_000, 3584), "", LANGUAGE),
        (
            "text_encoders.gemma3_4b.transformer.model.embed_tokens.weight",
            (262208, 2560),
            "gemma3_4b",
            "sentencepiece",
        ),
        ("model.embed_tokens.weight", (262144, 640), "", "sentencepiece"),
        ("embeddings.word_embeddings.weight", (250_002, 768), "", "none"),
        ("shared.weight", (32128, 512), "", "unigram"),
        ("token_embedding.weight", (49408, 512), "", "clip"),
        ("token_embedding.weight", (21128, 512), "", "none"),
    ],
)
def test_unknown_shapes_are_named_by_their_prefix_and_guessed_by_their_suffix(
    key, shape, name, family
):
    encoder = token_tables([entry(key, shape)])[0].encoder
    assert (encoder.name, encoder.family, encoder.models) == (name, family, ())


@pytest.mark.parametrize(
    "name",
    [
        "decoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight",
        "lm_head.weight",
        "text_model.embeddings.position_embedding.weight",
        "token_embedding.weight.lora_up",
    ],
)
def test_other_tensors_are_no_token_tables(name):
    assert token_tables([entry(name)]) == []


@pytest.mark.parametrize("name", ["", "my_token_embedding.weight", "emb_params", "clip_l"])
def test_the_only_tensor_of_a_vocabulary_s_size_is_a_table_under_any_name(name):
    (table,) = token_tables([entry(name), entry("bias", (768,))])
    assert (table.entry.name, table.encoder.family, table.missing) == (name, "clip", 0)
    (table,) = token_tables([entry(name, (49_407, 1024))])
    assert (table.encoder.family, table.missing) == ("clip", 1)
    assert len(token_tables([entry(name), entry("second")])) == 2
    assert token_tables([entry(name, (5000, 768)), entry("second", (5000, 768))]) == []
    many = [entry(f"{number}.bias", (768,)) for number in range(20)]
    assert token_tables([entry(name), *many]) == []


@pytest.mark.parametrize(
    ("shape", "is_table"),
    [
        ((1000, 64), True),
        ((1_000_000, 16_384), True),
        ((999, 64), False),
        ((1000, 63), False),
        ((1_000_001, 64), False),
        ((1000, 16_385), False),
        ((64_000,), False),
        ((1, 1000, 64), False),
    ],
)
def test_the_shape_must_be_that_of_a_token_table(shape, is_table):
    assert bool(token_tables([entry("shared.weight", shape)])) is is_table
    if not is_table:
        assert "shared.weight" in why_none([entry("shared.weight", shape)])


def test_one_tensor_under_two_names_is_one_table():
    both = [entry("a.shared.weight", offset=8), entry("b.embed_tokens.weight", offset=8)]
    assert [table.entry.name for table in token_tables(both)] == ["a.shared.weight"]


@pytest.mark.parametrize("name", ["scale_weight", "weight_scale", "weight_scale_inv"])
def test_a_scale_beside_an_fp8_table_belongs_to_it(name):
    scale = TensorEntry(f"shared.{name}", "F32", (), Path("a.safetensors"), 9, 4)
    (table,) = token_tables([entry("shared.weight", dtype="F8_E4M3"), scale])
    assert table.scale is scale
    (table,) = token_tables([entry("shared.weight"), scale])
    assert table.scale is None


def test_a_scale_that_can_not_be_applied_is_refused_and_not_ignored():
    scale = TensorEntry("shared.weight_scale", "F32", (49408, 24), Path("a.safetensors"), 9, 4)
    both = [entry("shared.weight", dtype="F8_E4M3"), scale]
    assert token_tables(both) == []
    assert "has a scale F32 [49408, 24]" in why_none(both)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("lora_unet_down_blocks_0.lora_up.weight",), "holds a LoRA"),
        (("transformer.blocks.0.attn.lora_A.weight",), "holds a LoRA"),
        (("emb_params",), "holds a textual inversion"),
        (("clip_l", "clip_g"), "holds a textual inversion"),
        (("string_to_param.*",), "holds a textual inversion"),
        (("<cat-toy>",), "holds a textual inversion"),
        (("control_model.input_blocks.0.0.weight",), "holds a ControlNet"),
        (("model.diffusion_model.input_blocks.0.0.weight",), "an image model without its text"),
        (("double_blocks.0.img_attn.qkv.weight",), "an image model without its text"),
        (("decoder.conv_in.weight", "encoder.conv_in.weight"), "holds a VAE"),
        (("unet.attn1.processor.to_q_lora.down.weight",), "holds a LoRA"),
        (("adapter.body.0.block1.weight",), "holds a T2I-Adapter"),
        (("layers.0.residual_group.blocks.0.mlp.weight",), "holds an upscaler of pictures"),
        (("lycoris_unet_x.a1.weight", "lycoris_unet_x.b1.weight"), "holds a LoRA"),
        (("lora_te_x.weight", "lora_te_x.on_input"), "holds a LoRA"),
        (("base_model.layers.0.k_proj.ia3_l",), "holds a LoRA"),
        (("base_model.x.vera_lambda_b",), "holds a LoRA"),
        (("image_proj.proj.weight", "ip_adapter.0.to_q_lora.down.weight"), "an IP-Adapter"),
        (("320.0.linear.0.weight", "320.1.linear.0.weight"), "holds a hypernetwork"),
        (("768.0.linear1.weight", "768.1.linear1.weight"), "holds a hypernetwork"),
        (("1.conv.0.weight", "18.weight"), "holds a small VAE for previews"),
        (("encoder.layers.1.conv.0.weight",), "holds a small VAE for previews"),
        (("decoder.stages.0.0.conv1.conv.weight",), "holds a VAE"),
        (("mask_decoder.iou_token.weight",), "a model that cuts things out of pictures"),
        (("sam_mask_decoder.iou_token.weight",), "a model that cuts things out of pictures"),
        (("v.blk.0.attn_q.weight", "mm.0.weight"), "holds an encoder of pictures"),
        (("cap_embedder.1.weight", "layers.0.attention.qkv.weight"), "an image model without"),
        (("net.x_embedder.proj.1.weight",), "an image model without"),
        (("model.layers.0.up_proj.qweight", "model.layers.0.up_proj.scales"), "a quantised model"),
        (("pretrained.blocks.0.attn.qkv.weight",), "another part of a model than its token table"),
        (("text_projection.weight",), "another part of a model than its token table"),
        (("wide", "long"), "which one is a table does not show"),
        (("something", "else"), "which one is a table does not show"),
        ((), "holds no tensors"),
    ],
)
def test_a_checkpoint_without_a_table_is_told_for_what_it_is(names, sentence):
    text = why_none(entries(*names))
    assert sentence in text
    assert text.endswith(".")


def test_a_model_with_convolutions_is_one_of_pictures():
    kernel = entry("body.0.weight", (64, 3, 3, 3))
    for other in (entry("embed.weight", (1024, 320)), entry("bias", (64,))):
        assert token_tables([kernel, other]) == []
        assert "holds a model of pictures, not of text" in why_none([kernel, other])


@pytest.mark.parametrize(
    "end", ["qweight", "W_q", "weight_packed", "weight_blocks", "weight._data"]
)
def test_a_table_that_is_quantised_under_a_name_of_its_own_is_said_to_be_that(end):
    key = f"model.embed_tokens.{end}"
    layers = [entry(f"model.layers.{number}.norm.weight", (64,)) for number in range(20)]
    assert f"“{key}” is stored as quantised tables are" in why_none([entry(key), *layers])


@pytest.mark.parametrize(("dtype", "shape"), [("U8", (64_000, 1)), ("U32", (2000, 8))])
def test_a_table_that_is_quantised_is_said_to_be_that_before_its_shape(dtype, shape):
    text = why_none([entry("model.embed_tokens.weight", shape, dtype)])
    assert f"is stored as {dtype}, as quantised tables are" in text
    assert text.endswith("Open the same encoder in 16 bits, or as GGUF.")


@pytest.mark.parametrize(
    "name",
    [
        *("visual.proj", "vision_model.proj", "control_model.a", "lm_head.b"),
        *("blk.0.attn_q.weight", "a.qkv.weight", "layers.7.weight", "x.qweight", "x.scales"),
    ],
)
def test_the_only_matrix_of_another_part_of_a_model_is_no_table(name):
    assert token_tables([entry(name, (1280, 1024)), entry("bias", (7,))]) == []


def test_a_table_in_a_format_that_is_not_read_is_named():
    assert "“shared.weight” is stored as I8" in why_none([entry("shared.weight", dtype="I8")])
    assert why_none([entry("token_embd.weight", dtype="GGML type 77")]).endswith(
        "is stored as GGML type 77, which TokenSim does not read. Open the same model as Q8_0."
    )
