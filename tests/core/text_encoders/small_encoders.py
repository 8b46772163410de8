"""Text encoders with random weights, in files of every layout, and what transformers gives."""

import json
import os
import struct

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

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
