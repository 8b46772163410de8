"""The programs that prompts are written for, and their names."""

from typing import Final, Literal, TypeAlias, get_args

Interface: TypeAlias = Literal["a1111", "comfyui", "compel", "novelai", "plain"]
"""``plain`` sends a prompt as it is typed: diffusers without compel, captions, and the encoders
that are language models (Qwen-Image, Z-Image)."""

INTERFACES: Final[tuple[Interface, ...]] = get_args(Interface)

WITH_WEIGHTS: Final[tuple[Interface, ...]] = ("a1111", "comfyui", "compel", "novelai")
"""Those that know weights."""

TITLES: Final[dict[Interface, str]] = {
    "a1111": "A1111/Forge",
    "comfyui": "ComfyUI",
    "compel": "InvokeAI/compel",
    "novelai": "NovelAI",
    "plain": "Plain text",
}
"""The name of each that users see, in windows and sentences."""
