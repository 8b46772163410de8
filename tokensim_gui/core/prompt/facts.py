"""Words that the origin of this tool got wrong, put right for the help."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One correction.

    Attributes:
        title: What was said.
        sentence: What is so.
        source: Where it can be checked.
    """

    title: str
    sentence: str
    source: str


FACTS: tuple[Fact, ...] = (
    Fact(
        "“SDXL and FLUX use vectors of 768 and 1024 numbers”",
        "SDXL has 768 (CLIP-L) and 1280 (OpenCLIP bigG); FLUX has 768 (CLIP-L) and 4096 (T5-XXL).",
        "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0, text_encoder_2",
    ),
    Fact(
        "“The token id tells how often the model saw a word”",
        "A CLIP id is the order in which the piece was learned (512 + its merge), a hint at how "
        "frequent it was when the tokenizer was trained, not at what the image model saw.",
        "https://github.com/openai/CLIP, clip/simple_tokenizer.py",
    ),
    Fact(
        "“The opposite vector is the antonym”",
        "The vector that points away is seldom the opposite in meaning: antonyms occur in the same "
        "places and so lie close together.",
        "https://aclanthology.org/P16-2074/",
    ),
    Fact(
        "“(banana:1.2) makes the token vector of banana longer”",
        "Every interface scales the encoder's output, after all words have been mixed; the token "
        "vectors stay as they are.",
        "https://github.com/AUTOMATIC1111/stable-diffusion-webui, modules/sd_emphasis.py",
    ),
    Fact(
        "“A longer vector is a stronger word”",
        "The length of a token vector is not the weight of a word in a prompt: the encoder "
        "normalizes what it passes on from layer to layer.",
        "https://arxiv.org/abs/2103.00020, section 2.4",
    ),
    Fact(
        "“A weight means the same everywhere”",
        "A1111 multiplies the output and rescales the whole of it; ComfyUI stretches its distance "
        "from an empty prompt; compel also blends in a prompt without the words below 1.",
        "https://github.com/BlenderNeko/ComfyUI_ADV_CLIP_emb",
    ),
)
