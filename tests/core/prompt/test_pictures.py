"""Pictures of every program and format give the prompts that they were made with."""

import json

import pytest

from tests.core.prompt.comfyui_graphs import drawn, encode, node
from tests.core.prompt.made_pictures import (
    INFOTEXT,
    NEGATIVE,
    PROMPT,
    avif,
    chunk,
    exif,
    gif,
    jpeg,
    png,
    png_of,
    png_with_exif,
    png_with_xmp,
    raw_profile,
    stealth,
    text_chunk,
    user_comment,
    webp,
    xmp,
)
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.prompt.picture_prompts import read_picture

CATS = "猫と “cat”, café"
JAPANESE = INFOTEXT.replace("a (cute:1.2) cat", CATS)
TWO = ((PROMPT,), (NEGATIVE,))
TWO_CATS = ((PROMPT.replace("a (cute:1.2) cat", CATS),), (NEGATIVE,))
PLAIN = {"prompt": "a cat", "negative_prompt": "ugly"}
PAIR = (("a cat",), ("ugly",))
FOOOCUS = {**PLAIN, "base_model": "x", "styles": "[]", "full_prompt": ["a cat", "y"], "steps": 30}
SWARM = {"sui_image_params": {"prompt": "a cat", "negativeprompt": "ugly", "model": "x"}}
INVOKE = {"positive_prompt": "a cat+", "negative_prompt": "ugly", "steps": 30, "app_version": "5"}
CANVAS = {
    "regionalGuidance": [
        {"positivePrompt": "a hat", "negativePrompt": "bent", "isEnabled": True},
        {"positivePrompt": "a dog", "negativePrompt": None, "isEnabled": False},
    ]
}
NOVEL_3 = {"prompt": "{a cat}", "uc": "ugly", "steps": 28, "sampler": "k_euler"}
NOVEL_4 = {
    **NOVEL_3,
    "v4_prompt": {
        "caption": {
            "base_caption": "2 cats",
            "char_captions": [{"char_caption": "black cat", "centers": []}, {"char_caption": ""}],
        }
    },
    "v4_negative_prompt": {
        "caption": {"base_caption": "ugly", "char_captions": [{"char_caption": "white"}]}
    },
}
NOVEL = {"Title": "x", "Description": "{a cat}", "Software": "NovelAI", "Source": "SD"}
HIDDEN = {**NOVEL, "Comment": json.dumps(NOVEL_3)}
DRAW = {"c": "a cat", "uc": "ugly", "model": "x", "seed": 1, "v2": {"steps": 8}}
DREAM = '"a cat [ugly, bad]" -s 50 -S 2980747362 -W 512 -C 5 -A k_lms'
SD_METADATA = {
    "model_weights": "x",
    "app_id": "invoke-ai/InvokeAI",
    "image": {"prompt": [{"prompt": "a cat [ugly]", "weight": 1.0}], "steps": 50},
}
EASY_A = {"Prompt": "a cat", "Negative Prompt": "ugly", "Stable Diffusion model": "x"}
EASY_B = {**PLAIN, "use_stable_diffusion_model": "x", "seed": 1, "num_inference_steps": 25}
DIFFUSERS = {**PLAIN, "num_inference_steps": 25, "guidance_scale": 7.5}
GRAPH = drawn(p=encode("a cat"))
CIVITAI = f"{PROMPT}\nNegative prompt: {NEGATIVE}\nSteps: 20, Sampler: Euler, Seed: 7, "
CIVITAI += 'Clip skip: 2, Civitai resources: [{"type":"checkpoint","modelVersionId":1}]'
ON_SITE = {
    "6": node("smZ CLIPTextEncode", text="a cat", clip=["1", 1]),
    "extra": {"airs": []},
    "extraMetadata": json.dumps({"prompt": "a cat", "negativePrompt": "ugly", "steps": 25}),
}
INVOKE_GRAPH = {
    "nodes": {
        "a": {"id": "a", "type": "compel", "prompt": "a cat+"},
        "b": {"id": "b", "type": "compel", "prompt": "ugly"},
        "d": {"id": "d", "type": "denoise_latents"},
        "l": {"id": "l", "type": "main_model_loader"},
    },
    "edges": [
        {
            "source": {"node_id": origin, "field": "x"},
            "destination": {"node_id": goal, "field": field},
        }
        for origin, goal, field in (
            ("l", "a", "clip"),
            ("l", "b", "clip"),
            ("a", "d", "positive_conditioning"),
            ("b", "d", "negative_conditioning"),
        )
    ],
}


def told(text, how="be", **more):
    return exif(user_comment(text, how), **more)


# name: picture, source, interface, (prompts, negatives)
PICTURES = {
    "png tEXt": (png_of(parameters=INFOTEXT), "A1111", "a1111", TWO),
    "png tEXt in UTF-8": (png_of("utf-8", parameters=JAPANESE), "A1111", "a1111", TWO_CATS),
    "png tEXt in Latin-1": (
        png_of(parameters="café\nSteps: 1, Seed: 2, Size: 3x4"),
        "A1111",
        "a1111",
        (("café",), ()),
    ),
    "png zTXt": (png_of("zTXt", parameters=INFOTEXT), "A1111", "a1111", TWO),
    "png iTXt": (png_of("iTXt", parameters=JAPANESE), "A1111", "a1111", TWO_CATS),
    "png packed iTXt": (png_of("packed", parameters=JAPANESE), "A1111", "a1111", TWO_CATS),
    "png text after the pixels": (
        png(text_chunk("parameters", INFOTEXT), after=True),
        "A1111",
        "a1111",
        TWO,
    ),
    "png without an end": (
        png(text_chunk("parameters", INFOTEXT), end=False),
        "A1111",
        "a1111",
        TWO,
    ),
    "png eXIf": (png_with_exif(told(JAPANESE)), "A1111", "a1111", TWO_CATS),
    "png xmp": (png_with_xmp(INFOTEXT), "A1111", "a1111", TWO),
    "png by ImageMagick": (raw_profile(told(INFOTEXT)), "A1111", "a1111", TWO),
    "png prompt alone": (png_of(parameters="a cat"), "A1111", "a1111", (("a cat",), ())),
    **{
        f"{kind} {how}, TIFF {'MM' if big else 'II'}": (
            container(told(JAPANESE, how, big=big)),
            "A1111",
            "a1111",
            TWO_CATS,
        )
        for kind, container in (("jpeg", jpeg), ("webp", webp), ("avif", avif))
        for how in ("be", "le", "ascii", "none", "bare")
        for big in (True, False)
        if not (kind == "avif" and how in ("none", "bare"))
    },
    **{
        f"jpeg UserComment, {name}": (jpeg(exif(comment)), "A1111", "a1111", TWO_CATS)
        for name, comment in {
            "UTF-8 that is called UNICODE": b"UNICODE\0" + JAPANESE.encode(),
            "Unicode in small letters": b"Unicode\0" + JAPANESE.encode("utf-16-be"),
            "UTF-8 that is called JIS": b"JIS\0\0\0\0\0" + JAPANESE.encode(),
        }.items()
    },
    **{
        f"jpeg UserComment, JIS as {encoding}": (
            jpeg(exif(b"JIS\0\0\0\0\0" + INFOTEXT.replace("cat", "猫").encode(encoding))),
            "A1111",
            "a1111",
            ((PROMPT.replace("cat", "猫"),), (NEGATIVE,)),
        )
        for encoding in ("iso2022_jp", "cp932")
    },
    "png eXIf with the header of JPEG": (
        png(chunk(b"eXIf", b"Exif\0\0" + told(JAPANESE))),
        "A1111",
        "a1111",
        TWO_CATS,
    ),
    "jpeg comment": (jpeg(comment=INFOTEXT), "A1111", "a1111", TWO),
    "jpeg XPComment": (jpeg(exif(x9c9c=JAPANESE)), "A1111", "a1111", TWO_CATS),
    "jpeg description": (jpeg(exif(x010e=INFOTEXT)), "A1111", "a1111", TWO),
    "jpeg one Chinese word": (
        jpeg(told("山水画，杰作\nSteps: 1, Seed: 2, Size: 3x4", "le", big=True)),
        "A1111",
        "a1111",
        (("山水画，杰作",), ()),
    ),
    "webp xmp": (webp(xmp=xmp(INFOTEXT)), "A1111", "a1111", TWO),
    "gif comment": (gif(INFOTEXT), "A1111", "a1111", TWO),
    "stealth alpha": (stealth(JAPANESE, packed=False), "A1111", "a1111", TWO_CATS),
    "stealth alpha, packed": (stealth(INFOTEXT), "A1111", "a1111", TWO),
    "stealth rgb": (stealth(INFOTEXT, "rgb", packed=False), "A1111", "a1111", TWO),
    "stealth rgb, packed": (stealth(INFOTEXT, "rgb"), "A1111", "a1111", TWO),
    "stealth in WebP": (stealth(INFOTEXT, kind="WEBP"), "A1111", "a1111", TWO),
    "Forge": (png_of(parameters=f"{INFOTEXT}, Version: f2.0.1v1.10"), "Forge", "a1111", TWO),
    "reForge": (png_of(parameters=f"{INFOTEXT}, Version: f1.0.5-v1.10"), "Forge", "a1111", TWO),
    "stable-diffusion.cpp": (
        png_of(parameters=f"{INFOTEXT}, Version: stable-diffusion.cpp"),
        "stable-diffusion.cpp",
        "a1111",
        TWO,
    ),
    "SD.Next": (png_of(parameters=f"{INFOTEXT}, App: SD.Next"), "SD.Next", "a1111", TWO),
    "SD.Next jpeg": (jpeg(told(f"{INFOTEXT}, App: SD.Next")), "SD.Next", "a1111", TWO),
    "templates behind": (
        png_of(parameters=f"{INFOTEXT}\nTemplate: a {{cat|dog}}\nNegative Template: ugly"),
        "A1111",
        "a1111",
        TWO,
    ),
    "settings in another order": (
        png_of(parameters="a cat\nNegative prompt: ugly\nSize: 8x8, Model: x, Seed: 1, Steps: 2"),
        "A1111",
        "a1111",
        PAIR,
    ),
    "Civitai png": (png_of(parameters=CIVITAI), "Civitai", "a1111", TWO),
    "Civitai jpeg": (jpeg(told(CIVITAI, "le", big=True)), "Civitai", "a1111", TWO),
    "Civitai's own generator": (jpeg(told(json.dumps(ON_SITE))), "Civitai", "a1111", PAIR),
    "Fooocus json": (
        png_of(parameters=FOOOCUS, fooocus_scheme="fooocus"),
        "Fooocus",
        "a1111",
        PAIR,
    ),
    "Fooocus a1111": (
        png_of(parameters=f"{INFOTEXT}, Version: Fooocus v2.5", fooocus_scheme="a1111"),
        "Fooocus",
        "a1111",
        TWO,
    ),
    "Fooocus jpeg": (jpeg(told(json.dumps(FOOOCUS))), "Fooocus", "a1111", PAIR),
    "Fooocus jpeg comment": (jpeg(comment=json.dumps(FOOOCUS)), "Fooocus", "a1111", PAIR),
    "RuinedFooocus": (
        png_of(parameters={"Prompt": "a cat", "Negative": "ugly", "software": "RuinedFooocus"}),
        "Fooocus",
        "a1111",
        PAIR,
    ),
    "SwarmUI png": (png_of(parameters=SWARM), "SwarmUI", "comfyui", PAIR),
    "SwarmUI jpeg": (jpeg(told(json.dumps(SWARM), "le")), "SwarmUI", "comfyui", PAIR),
    "SwarmUI of old": (jpeg(exif(x0110=json.dumps(SWARM))), "SwarmUI", "comfyui", PAIR),
    "InvokeAI": (
        png_of(invokeai_metadata=INVOKE),
        "InvokeAI",
        "compel",
        (("a cat+",), ("ugly",)),
    ),
    "InvokeAI SDXL": (
        png_of(
            invokeai_metadata={
                **INVOKE,
                "positive_style_prompt": "oil",
                "negative_style_prompt": "",
            }
        ),
        "InvokeAI",
        "compel",
        (("a cat+", "oil"), ("ugly",)),
    ),
    "InvokeAI regions": (
        png_of(invokeai_metadata={**INVOKE, "canvas_v2_metadata": CANVAS}),
        "InvokeAI",
        "compel",
        (("a cat+", "a hat"), ("ugly", "bent")),
    ),
    "InvokeAI graph": (
        png_of(invokeai_graph=INVOKE_GRAPH),
        "InvokeAI",
        "compel",
        (("a cat+",), ("ugly",)),
    ),
    "InvokeAI 2": (
        png_of(**{"sd-metadata": SD_METADATA, "Dream": DREAM}),
        "InvokeAI",
        "compel",
        PAIR,
    ),
    "InvokeAI Dream": (png_of(Dream=DREAM), "InvokeAI", "compel", (("a cat",), ("ugly, bad",))),
    "NovelAI V3": (
        png_of(**NOVEL, Comment=NOVEL_3),
        "NovelAI",
        "novelai",
        (("{a cat}",), ("ugly",)),
    ),
    "NovelAI V4": (
        png_of(**NOVEL, Comment=NOVEL_4),
        "NovelAI",
        "novelai",
        (("2 cats", "black cat"), ("ugly", "white")),
    ),
    "NovelAI of old": (
        png_of(**NOVEL, Comment={"steps": 28, "uc": "ugly"}),
        "NovelAI",
        "novelai",
        (("{a cat}",), ("ugly",)),
    ),
    "NovelAI hidden": (
        stealth(json.dumps(HIDDEN)),
        "NovelAI",
        "novelai",
        (("{a cat}",), ("ugly",)),
    ),
    "NovelAI webp": (
        webp(told(json.dumps(HIDDEN))),
        "NovelAI",
        "novelai",
        (("{a cat}",), ("ugly",)),
    ),
    "Draw Things": (png_with_xmp(json.dumps(DRAW)), "Draw Things", "a1111", PAIR),
    "Easy Diffusion": (
        png_of(**{key.replace(" ", "_-"): value for key, value in EASY_A.items()}),
        "Easy Diffusion",
        "a1111",
        PAIR,
    ),
    "Easy Diffusion 2": (
        png_of(**{key: str(value) for key, value in EASY_B.items()}),
        "Easy Diffusion",
        "a1111",
        PAIR,
    ),
    "Easy Diffusion jpeg": (jpeg(told(json.dumps(EASY_B))), "Easy Diffusion", "a1111", PAIR),
    "diffusers": (png_of(parameters=DIFFUSERS), "diffusers", "plain", PAIR),
    "diffusers by keyword": (
        png_of(**{key: str(value) for key, value in DIFFUSERS.items()}),
        "diffusers",
        "plain",
        PAIR,
    ),
    "ComfyUI webp": (
        webp(exif(x0110="prompt:" + json.dumps(GRAPH), x010f="workflow:{}")),
        "ComfyUI",
        "comfyui",
        PAIR,
    ),
    "ComfyUI animated png": (
        png(chunk(b"comf", b"prompt\0" + json.dumps(GRAPH).encode()), after=True),
        "ComfyUI",
        "comfyui",
        PAIR,
    ),
    "ComfyUI jpeg": (jpeg(told(json.dumps({"prompt": GRAPH}))), "ComfyUI", "comfyui", PAIR),
    "ComfyUI with infotext": (
        png_of(parameters=INFOTEXT, prompt=GRAPH),
        "ComfyUI",
        "comfyui",
        TWO,
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_gives_its_prompts(saved, name):
    data, source, interface, texts = PICTURES[name]
    found = read_picture(saved(data))
    assert (found.source, found.interface) == (source, interface)
    assert (found.prompts, found.negatives) == texts
    assert not found.notes


def test_settings_are_read_as_written(saved):
    found = read_picture(saved(png_of(parameters=INFOTEXT)))
    assert dict(found.settings) == {
        "Steps": "20",
        "Sampler": "Euler a",
        "Seed": "7",
        "Lora hashes": "x: 1, y: 2",
        "Size": "512x512",
    }
    assert dict(read_picture(saved(png_of(parameters=FOOOCUS))).settings)["steps"] == "30"


def test_files_that_are_no_pictures_are_named(saved, tmp_path):
    with pytest.raises(FileError, match=r"“b\.png” can't be read"):
        read_picture(tmp_path / "b.png")
    for data in (b"", b"BM123456", b"RIFF....WAVEfmt ", b"%PDF-1.7"):
        with pytest.raises(FileError, match=r"“a\.png” is no picture that is known here"):
            read_picture(saved(data))
    for data in (png(), jpeg(), webp(), gif("")):
        with pytest.raises(FileError, match=r"“a\.png” holds no prompt"):
            read_picture(saved(data))
