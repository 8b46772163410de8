"""The programs that prompts are written for, and their names."""

from typing import Final, Literal, TypeAlias, get_args

Interface: TypeAlias = Literal["a1111", "comfyui", "compel", "novelai", "plain"]
"""``plain`` sends a prompt as it is typed: diffusers without compel, captions, and the encoders
that are language models (Qwen-Image, Z-Image)."""

INTERFACES: Final[tuple[Interface, ...]] = get_args(Interface)

WITH_WEIGHTS: Final[tuple[Interface, ...]] = ("a1111", "comfyui", "compel", "novelai")
"""Those that know weights."""

STEPS: Final = 20
"""A1111's default number of sampling steps, of which prompt editing takes fractions."""

MOST_STEPS: Final = 1_000

ASSUMED: Final[dict[Interface, str]] = {
    "a1111": "with an extension that fills in __wildcards__ and {a|b}",
    "comfyui": "without wildcard nodes: its window draws of {a|b}, __wildcards__ are text",
    "compel": "with its own drawing of {a|b} and __wildcards__",
    "novelai": "models from V4 on",
    "plain": "nothing is read as syntax: diffusers, captions, language models",
}
"""What is taken for granted of each, as a chooser says it."""

TITLES: Final[dict[Interface, str]] = {
    "a1111": "A1111/Forge",
    "comfyui": "ComfyUI",
    "compel": "InvokeAI/compel",
    "novelai": "NovelAI",
    "plain": "Plain text",
}
"""The name of each that users see, in windows and sentences."""
