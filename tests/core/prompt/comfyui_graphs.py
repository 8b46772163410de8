"""Graphs of ComfyUI as its server runs them, with the prompts that were drawn."""

from typing import Any

Case = tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def drawn(**nodes: dict[str, Any]) -> dict[str, Any]:
    """A graph with a sampler whose positive text is node ``p`` and negative is node ``n``."""
    ends = {
        "save": node("SaveImage", images=["decode", 0], filename_prefix="a"),
        "decode": node("VAEDecode", samples=["k", 0], vae=["m", 2]),
        "m": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
        "k": node("KSampler", model=["m", 0], positive=["p", 0], negative=["n", 0], seed=1),
        "n": node("CLIPTextEncode", text="ugly", clip=["m", 1]),
    }
    return {**ends, **nodes}


def encode(text: Any) -> dict[str, Any]:
    return node("CLIPTextEncode", text=text, clip=["m", 1])


CAT = ("a cat",)
MAT = ("a cat, on a mat",)
UGLY = ("ugly",)

GRAPHS: dict[str, Case] = {
    "plain": (drawn(p=encode("a cat")), CAT, UGLY),
    "unused texts": (drawn(p=encode("a cat"), x=encode("not connected")), CAT, UGLY),
    "a blank negative": (drawn(p=encode("a cat"), n=encode("")), CAT, ()),
    "conditioning concat": (
        drawn(
            p=node("ConditioningConcat", conditioning_to=["a", 0], conditioning_from=["b", 0]),
            a=encode("a cat"),
            b=encode("on a mat"),
        ),
        ("a cat", "on a mat"),
        UGLY,
    ),
    "core StringConcatenate": (
        drawn(
            p=encode(["s", 0]),
            s=node("StringConcatenate", string_a="a cat", string_b=["t", 0], delimiter=", "),
            t=node("PrimitiveString", value="on a mat"),
        ),
        MAT,
        UGLY,
    ),
    "WAS Text Concatenate": (
        drawn(
            p=encode(["s", 0]),
            s=node(
                "Text Concatenate",
                delimiter=", ",
                clean_whitespace="true",
                text_a=["t", 0],
                text_b=["u", 0],
                text_c="",
            ),
            t=node("Text Multiline", text="a cat"),
            u=node("Text Multiline", text="on a mat"),
        ),
        MAT,
        UGLY,
    ),
    "pysssss StringFunction append": (
        drawn(
            p=encode(["s", 0]),
            s=node(
                "StringFunction|pysssss",
                action="append",
                tidy_tags="yes",
                text_a="a cat",
                text_b="on a mat",
                text_c="",
            ),
        ),
        MAT,
        UGLY,
    ),
    "pysssss StringFunction replace": (
        drawn(
            p=encode(["s", 0]),
            s=node(
                "StringFunction|pysssss",
                action="replace",
                tidy_tags="no",
                text_a="a dog",
                text_b="dog",
                text_c="cat",
            ),
        ),
        CAT,
        UGLY,
    ),
    "KJ JoinStringMulti": (
        drawn(
            p=encode(["s", 0]),
            s=node(
                "JoinStringMulti",
                inputcount=2,
                string_1="a cat",
                string_2="on a mat",
                delimiter=", ",
                return_list=False,
            ),
        ),
        MAT,
        UGLY,
    ),
    "easy-use promptConcat": (
        drawn(
            p=encode(["s", 0]),
            s=node("easy promptConcat", prompt1=["t", 0], prompt2="on a mat", separator=", "),
            t=node("easy positive", positive="a cat"),
        ),
        MAT,
        UGLY,
    ),
    "pysssss ShowText keeps what it showed": (
        drawn(
            p=encode(["s", 0]),
            s=node("ShowText|pysssss", text=["t", 0], text_0="a cat"),
            t=node("OllamaGenerate", prompt="Describe a cat", model="llama"),
        ),
        CAT,
        UGLY,
    ),
    "Impact wildcard": (
        drawn(
            p=encode(["s", 0]),
            s=node(
                "ImpactWildcardProcessor",
                wildcard_text="a __pet__",
                populated_text="a cat",
                mode="populate",
                seed=3,
            ),
        ),
        CAT,
        UGLY,
    ),
    "Impact wildcard encode": (
        drawn(
            p=node(
                "ImpactWildcardEncode",
                model=["m", 0],
                clip=["m", 1],
                wildcard_text="a {cat|dog}",
                populated_text="a cat",
                mode="populate",
            )
        ),
        CAT,
        UGLY,
    ),
    "Efficient Loader": (
        drawn(
            p=node(
                "Efficient Loader",
                ckpt_name="a.safetensors",
                positive="a cat",
                negative="ugly",
                token_normalization="none",
                weight_interpretation="comfy",
            ),
            k=node(
                "KSampler (Efficient)", model=["p", 0], positive=["p", 1], negative=["p", 2], seed=1
            ),
        ),
        CAT,
        UGLY,
    ),
    "easy-use fullLoader and its pipe": (
        drawn(
            p=node("easy fullLoader", ckpt_name="a", positive="a cat", negative="ugly"),
            k=node("easy kSampler", pipe=["q", 0], image_output="Save", filename_prefix="a"),
            q=node("easy preSampling", pipe=["p", 0], steps=20),
        ),
        CAT,
        UGLY,
    ),
    "rgthree switch and context": (
        drawn(
            p=node("Any Switch (rgthree)", any_01=["a", 0], any_02=["b", 0]),
            k=node("KSampler", model=["m", 0], positive=["c", 4], negative=["c", 5], seed=1),
            c=node("Context (rgthree)", positive=["p", 0], negative=["n", 0]),
            a=encode("a cat"),
            b=encode("a dog"),
        ),
        CAT,
        UGLY,
    ),
    "rgthree Power Prompt": (
        drawn(p=node("Power Prompt (rgthree)", prompt="a cat", opt_clip=["m", 1])),
        CAT,
        UGLY,
    ),
    "a switch of texts": (
        drawn(
            p=encode(["s", 0]),
            s=node("CR Text Input Switch", Input=2, text1="a dog", text2=["t", 0]),
            t=node("CR Text", text="a cat"),
        ),
        CAT,
        UGLY,
    ),
    "Impact switch of conditionings": (
        drawn(
            p=node("ImpactSwitch", select=2, input1=["a", 0], input2=["b", 0], sel_mode=False),
            a=encode("a dog"),
            b=encode("a cat"),
        ),
        CAT,
        UGLY,
    ),
    "a switch that another node sets": (
        drawn(
            p=encode(["s", 0]),
            s=node("easy ifElse", boolean=["b", 0], on_true=["t", 0], on_false="a dog"),
            b=node("PrimitiveBoolean", value=True),
            t=node("ImpactSwitch", select=["i", 0], input1="a bird", input2=["c", 0]),
            i=node("PrimitiveInt", value=2),
            c=node("String", value="a cat"),
        ),
        CAT,
        UGLY,
    ),
    "several texts, the first for the one and the second for the other": (
        drawn(
            p=encode(["s", 0]),
            n=encode(["s", 1]),
            s=node("Multi Text", text1="a cat", text2="ugly", text3="a dog"),
        ),
        CAT,
        UGLY,
    ),
    "a text of each output": (
        drawn(
            p=encode(["s", 1]),
            n=encode(["s", 2]),
            s=node("Text String", text="a dog", text_b="a cat", text_c="ugly", text_d=""),
        ),
        CAT,
        UGLY,
    ),
    "texts that are called parts": (
        drawn(
            p=encode(["s", 0]),
            s=node("CR Combine Prompt", part1="a cat", part2=["t", 0], part3="", separator=", "),
            t=node("JWStringConcat", a="on a", b=" mat"),
        ),
        MAT,
        UGLY,
    ),
    "a detailer's own text": (
        drawn(
            save=node("SaveImage", images=["f", 0], filename_prefix="a"),
            f=node(
                "FaceDetailer",
                image=["decode", 0],
                positive=["p", 0],
                negative=["n", 0],
                wildcard="a face",
            ),
            p=encode("a cat"),
        ),
        ("a cat", "a face"),
        UGLY,
    ),
    "a sampler that takes embeds": (
        drawn(
            k=node("HyVideoSampler", model=["m", 0], hyvid_embeds=["p", 0]),
            p=node("HyVideoTextEncode", text_encoders=["t", 0], prompt="a cat"),
            t=node("DownloadAndLoadHyVideoTextEncoder", llm_model="x"),
            n=encode("not connected"),
        ),
        CAT,
        (),
    ),
    "core switch": (
        drawn(
            p=encode(["s", 0]),
            s=node("ComfySwitchNode", switch=True, on_true="a cat", on_false="a dog"),
        ),
        CAT,
        UGLY,
    ),
    "SDXL's two texts": (
        drawn(
            p=node("CLIPTextEncodeSDXL", text_g="a cat", text_l="cat", clip=["m", 1], width=1024)
        ),
        ("a cat", "cat"),
        UGLY,
    ),
    "SD3's three texts": (
        drawn(
            p=node(
                "CLIPTextEncodeSD3",
                clip=["m", 1],
                clip_l="cat",
                clip_g="a cat",
                t5xxl="a cat on a mat",
                empty_padding="none",
            )
        ),
        ("cat", "a cat", "a cat on a mat"),
        UGLY,
    ),
    "FLUX with a guider": (
        {
            "save": node("SaveImage", images=["d", 0], filename_prefix="a"),
            "d": node("VAEDecode", samples=["s", 0], vae=["v", 0]),
            "s": node("SamplerCustomAdvanced", guider=["g", 0], latent_image=["l", 0]),
            "g": node("BasicGuider", model=["m", 0], conditioning=["f", 0]),
            "f": node("FluxGuidance", guidance=3.5, conditioning=["p", 0]),
            "p": node("CLIPTextEncodeFlux", clip=["m", 0], clip_l="cat", t5xxl="a cat", guidance=3),
        },
        ("cat", "a cat"),
        (),
    ),
    "FLUX with one text for both": (drawn(p=encode("a cat"), n=encode("a cat")), CAT, CAT),
    "the positive given as the negative": (
        drawn(
            p=encode("a cat"),
            k=node("KSampler", model=["m", 0], positive=["p", 0], negative=["p", 0], seed=1),
        ),
        CAT,
        (),
    ),
    "ConditioningZeroOut": (
        drawn(p=encode("a cat"), n=node("ConditioningZeroOut", conditioning=["p", 0])),
        CAT,
        (),
    ),
    "ControlNet between": (
        drawn(
            k=node("KSampler", model=["m", 0], positive=["c", 0], negative=["c", 1], seed=1),
            c=node(
                "ControlNetApplyAdvanced",
                positive=["p", 0],
                negative=["n", 0],
                control_net=["m", 0],
                image=["i", 0],
            ),
            i=node("LoadImage", image="a.png"),
            p=encode("a cat"),
        ),
        CAT,
        UGLY,
    ),
    "pictures to begin a video with": (
        drawn(
            k=node("SamplerCustom", model=["m", 0], positive=["c", 0], negative=["c", 1]),
            c=node("LTXVConditioning", positive=["g", 0], negative=["g", 1], frame_rate=25),
            g=node("LTXVAddGuide", positive=["p", 0], negative=["n", 0], image=["i", 0]),
            i=node("LoadImage", image="a.png"),
            p=encode("a cat"),
        ),
        CAT,
        UGLY,
    ),
    "GLIGEN": (
        drawn(
            k=node("KSampler", model=["m", 0], positive=["g", 0], negative=["n", 0], seed=1),
            g=node("GLIGENTextBoxApply", text="a mat", conditioning_to=["h", 0], clip=["m", 1]),
            h=node("GLIGENTextBoxApply", text="a hat", conditioning_to=["p", 0], clip=["m", 1]),
            p=encode("a cat"),
        ),
        ("a cat", "a hat", "a mat"),
        UGLY,
    ),
    "Lumina 2": (
        drawn(
            p=node(
                "CLIPTextEncodeLumina2",
                system_prompt="superior",
                user_prompt="a cat",
                clip=["m", 1],
            )
        ),
        CAT,
        UGLY,
    ),
    "Qwen image edit": (
        drawn(
            p=node("TextEncodeQwenImageEdit", clip=["m", 1], prompt="a cat", image=["i", 0]),
            i=node("LoadImage", image="a.png"),
        ),
        CAT,
        UGLY,
    ),
    "WanVideo": (
        drawn(
            k=node("WanVideoSampler", model=["m", 0], text_embeds=["p", 0], seed=1),
            p=node(
                "WanVideoTextEncode",
                positive_prompt="a cat",
                negative_prompt="ugly",
                t5=["m", 0],
                force_offload=True,
            ),
        ),
        CAT,
        UGLY,
    ),
    "smZ with a parser": (
        drawn(
            p=node(
                "smZ CLIPTextEncode",
                text="a cat",
                parser="A1111",
                mean_normalization=True,
                text_g="",
                text_l="",
                clip=["m", 1],
            )
        ),
        CAT,
        UGLY,
    ),
    "a subgraph, flattened": (
        drawn(
            k=node("KSampler", model=["m", 0], positive=["57:6", 0], negative=["57:7", 0]),
            **{"57:6": encode(["57:9", 0]), "57:7": encode("ugly")},
            **{"57:9": node("PrimitiveStringMultiline", value="a cat")},
        ),
        CAT,
        UGLY,
    ),
}
