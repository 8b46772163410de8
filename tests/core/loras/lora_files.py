"""LoRAs in the true layouts of their trainers, small: what each writes, and what is right."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file

RANK = 8


def pair(name: str, rows: int, columns: int, down: str, up: str) -> dict[str, torch.Tensor]:
    return {f"{name}{down}": torch.ones(RANK, columns), f"{name}{up}": torch.ones(rows, RANK)}


def kohya(name: str, rows: int = 16, columns: int = 16) -> dict[str, torch.Tensor]:
    made = pair(name, rows, columns, ".lora_down.weight", ".lora_up.weight")
    return {**made, f"{name}.alpha": torch.ones(())}


def peft(name: str, rows: int = 16, columns: int = 16) -> dict[str, torch.Tensor]:
    return pair(name, rows, columns, ".lora_A.weight", ".lora_B.weight")


def lycoris(name: str, *parts: str) -> dict[str, torch.Tensor]:
    return {f"{name}.{part}": torch.ones(RANK, 16) for part in parts} | {
        f"{name}.alpha": torch.ones(())
    }


TE = "text_model_encoder_layers_{}_self_attn_q_proj"
CLIP_L = kohya(f"lora_te_{TE.format(0)}", 768, 768) | kohya(f"lora_te_{TE.format(3)}", 768, 768)
SDXL_TE = kohya(f"lora_te1_{TE.format(1)}", 768, 768) | kohya(
    f"lora_te2_{TE.format(2)}", 1280, 1280
)
UNET_1 = kohya("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", 320, 768)
UNET_XL = kohya("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 640, 2048)
FLUX = kohya("lora_unet_double_blocks_0_img_attn_qkv", 64, 64)


@dataclass(frozen=True)
class Case:
    """A file and what its card must say; ``None`` where the file says nothing of it."""

    tensors: dict[str, torch.Tensor]
    metadata: dict[str, str] = field(default_factory=dict)
    triggers: tuple[str, ...] = ()
    base: str = ""
    kind: str = "LoRA"
    encoders: tuple[str, ...] = ()
    trainer: str = ""
    rank: int = RANK
    tags: dict[str, int] = field(default_factory=dict)
    inversions: tuple[str, ...] = ()
    beside: dict[str, object] = field(default_factory=dict)


TAGS = {"10_ohwx man": {"ohwx man": 20, "1boy": 12, "outdoors": 3, "smile": 2}}
CASES: dict[str, Case] = {
    "kohya, SD 1.5": Case(
        UNET_1 | CLIP_L,
        {
            "ss_tag_frequency": json.dumps(TAGS),
            "ss_base_model_version": "sd_v1",
            "ss_network_dim": "8",
            "ss_network_module": "networks.lora",
            "ss_resolution": "(512, 512)",
        },
        ("ohwx man",),
        "SD 1.5",
        encoders=("CLIP-L",),
        trainer="kohya",
        tags=TAGS["10_ohwx man"],
    ),
    "kohya without captions": Case(
        UNET_1,
        {"ss_dataset_dirs": json.dumps({"5_sks_dog": {"n_repeats": 5, "img_count": 9}})},
        ("sks dog",),
        "SD 1.5",
        trainer="kohya",
    ),
    "kohya with a dataset file, SDXL": Case(
        UNET_XL | SDXL_TE,
        {
            "ss_datasets": json.dumps(
                [
                    {
                        "subsets": [{"class_tokens": "zwx woman", "image_dir": "img"}],
                        "tag_frequency": {"img": {"1girl": 5, "red": 2, "blue": 1, "sky": 1}},
                    }
                ]
            ),
            "ss_base_model_version": "sdxl_base_v1-0",
        },
        ("zwx woman", "1girl"),
        "SDXL",
        encoders=("CLIP-L", "OpenCLIP bigG"),
        trainer="kohya",
        tags={"1girl": 5, "red": 2, "blue": 1, "sky": 1},
    ),
    "modelspec": Case(
        FLUX,
        {
            "modelspec.trigger_phrase": "mytoken style, mytoken2",
            "modelspec.architecture": "flux-1-dev/lora",
            "modelspec.title": "My Style",
            "modelspec.date": "2025-01-02T03:04:05",
        },
        ("mytoken style", "mytoken2"),
        "FLUX.1",
    ),
    "OneTrainer": Case(
        UNET_XL | SDXL_TE,
        {
            "ot_branch": "master",
            "ot_config": json.dumps(
                {"additional_embeddings": [{"placeholder": "<mychar>"}], "rank": 8}
            ),
            "modelspec.architecture": "stable-diffusion-xl-v1-base/lora",
        },
        ("<mychar>",),
        "SDXL",
        encoders=("CLIP-L", "OpenCLIP bigG"),
        trainer="OneTrainer",
    ),
    "ai-toolkit": Case(
        peft("diffusion_model.double_blocks.0.img_attn.qkv"),
        {
            "software": json.dumps({"name": "ai-toolkit", "version": "0.7"}),
            "ss_tag_frequency": json.dumps({"1_p3rs0n": {"p3rs0n": 1}}),
            "ss_base_model_version": "flux1",
        },
        ("p3rs0n",),
        "FLUX.1",
        trainer="ai-toolkit",
        tags={"p3rs0n": 1},
    ),
    "SimpleTuner": Case(
        peft("transformer.transformer_blocks.0.attn.to_q"),
        {"trained_words": json.dumps(["aurora", "borealis"]), "origin": "SimpleTuner"},
        ("aurora", "borealis"),
        trainer="SimpleTuner",
    ),
    "musubi-tuner": Case(
        kohya("lora_unet_transformer_blocks_0_img_mlp_net_0_proj"),
        {
            "ss_network_module": "networks.lora_qwen_image",
            "modelspec.architecture": "Qwen-Image",
            "modelspec.implementation": "https://github.com/kohya-ss/musubi-tuner",
            "ss_training_comment": "",
        },
        (),
        "Qwen-Image",
        trainer="musubi-tuner",
    ),
    "diffusers": Case(
        peft("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", 320, 768)
        | peft("text_encoder.text_model.encoder.layers.5.self_attn.q_proj", 768, 768),
        {"lora_adapter_metadata": json.dumps({"unet.r": 8})},
        (),
        "SD 1.5",
        encoders=("CLIP-L",),
        trainer="diffusers",
    ),
    "diffusers, old": Case(
        pair(
            "unet.mid_block.attentions.0.attn1.processor.to_q_lora",
            16,
            16,
            ".down.weight",
            ".up.weight",
        )
        | pair("text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer",
               768, 768, ".down.weight", ".up.weight"),
        encoders=("CLIP-L",),
    ),
    "LyCORIS LoHa": Case(
        lycoris("lora_unet_mid_block", "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"),
        {"ss_network_module": "lycoris.kohya", "ss_sd_model_name": "animefull-sd15.ckpt"},
        (),
        "SD 1.5",
        "LoHa",
        trainer="LyCORIS",
    ),
    "LyCORIS LoKr": Case(
        lycoris("lora_unet_mid_block", "lokr_w1", "lokr_w2_a", "lokr_w2_b"),
        {"ss_network_module": "lycoris.kohya"},
        kind="LoKr",
        trainer="LyCORIS",
    ),
    "DoRA": Case(UNET_1 | {"lora_unet_x.dora_scale": torch.ones(4)}, base="SD 1.5", kind="DoRA"),
    "full difference": Case(
        {"diffusion_model.blocks.0.self_attn.q.diff": torch.ones(4, 4)},
        base="Wan",
        kind="full",
        rank=0,
    ),
    "LoCon": Case(
        {
            "lora_unet_conv_in.lora_down.weight": torch.ones(RANK, 4, 3, 3),
            "lora_unet_conv_in.lora_up.weight": torch.ones(4, RANK, 1, 1),
        },
        kind="LoCon",
    ),
    "with an inversion inside": Case(
        UNET_XL | {"bundle_emb.mychar.string_to_param.*": torch.ones(2, 768)},
        base="SDXL",
        inversions=("mychar",),
    ),
    "with a file of Civitai's beside it": Case(
        UNET_1,
        triggers=("frieren", "elf"),
        base="SD 1.5",
        beside={"civitai.info": {"trainedWords": ["frieren, elf"]}},
    ),
}  # fmt: skip


def write(case: Case, path: Path) -> Path:
    save_file(dict(case.tensors), path, metadata=case.metadata or None)
    for suffix, content in case.beside.items():
        path.with_suffix(f".{suffix}").write_text(json.dumps(content))
    return path
