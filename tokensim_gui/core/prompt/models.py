"""How many tokens of a prompt reach the encoder, by the model and by who runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.vocabulary.pieces import T5_ROWS

Model: TypeAlias = Literal["clip", "sd3", "flux", "schnell", "hidream", "language"]
"""``clip`` is every CLIP encoder, which sees 77 places at a time; ``language`` are the models
whose encoder is a language model (Qwen-Image, Z-Image, Lumina)."""

MODELS: Final[tuple[Model, ...]] = get_args(Model)

CLIP_PLACES: Final = 77


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of a model.

    Attributes:
        title: Its name for users.
        tokens: Whose tokens its places are for.
        places: Places of its encoder by interface, its own tokens included; None where a prompt
            of any length is sent.
    """

    title: str
    tokens: str
    places: Mapping[Interface, int | None]


def _places(
    a1111: int | None, comfyui: int | None, invokeai: int | None, plain: int | None
) -> Mapping[Interface, int | None]:
    return {
        "a1111": a1111,
        "comfyui": comfyui,
        "compel": invokeai,
        "novelai": 512,  # its models from V4 on have T5
        "plain": plain,
    }


# Read in the interfaces' code: comfy/text_encoders/{sd3_clip,flux,hidream}.py of ComfyUI,
# backend/text_processing/t5_engine.py of Forge, invokeai/app/invocations/{sd3,flux}_text_encoder.py
# of InvokeAI, and for ``plain`` the ``max_sequence_length`` of each pipeline of diffusers.
REACHES: Final[dict[Model, Reach]] = {
    "clip": Reach(
        "SD 1.5, SD 2, SDXL", "CLIP", dict.fromkeys(_places(None, None, None, None), CLIP_PLACES)
    ),
    "sd3": Reach("SD 3", "T5", _places(None, None, 256, 256)),
    "flux": Reach("FLUX.1 dev", "T5", _places(None, None, 512, 512)),
    "schnell": Reach("FLUX.1 schnell", "T5", _places(None, None, 256, 256)),
    "hidream": Reach("HiDream", "T5", _places(128, 128, 128, 128)),
    "language": Reach("Qwen-Image, Z-Image", "a language model", _places(None, None, 512, 512)),
}


_COUNTED: Final = {"clip": "CLIP", "none": "", "wordpiece": "BERT"}


def places(model: Model, interface: Interface) -> int | None:
    """Places that a prompt has; None where nothing is ever cut off."""
    return REACHES[model].places[interface]


def counted_instead(model: Model, family: str, rows: int) -> str:
    """Whose tokens a vocabulary counts where they are not those of a model; "" where they are.

    Args:
        model: The model.
        family: Of the vocabulary, one of `core.vocabulary.pieces.FAMILIES`.
        rows: Of the vocabulary.
    """
    counted = _COUNTED.get(family, "a language model")
    if family == "unigram":
        counted = "T5" if rows in T5_ROWS else "another encoder"
    return "" if counted == REACHES[model].tokens else counted


def model_for(family: str, rows: int) -> Model:
    """The model that is likeliest meant, by family and rows of the open vocabulary."""
    if family in ("clip", "none"):
        return "clip"
    return "flux" if family == "unigram" and rows in T5_ROWS else "language"
