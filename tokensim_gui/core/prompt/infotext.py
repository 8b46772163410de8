"""The text that A1111 and Forge write under a picture: prompt, negative prompt, settings."""

import json
import re
from dataclasses import dataclass, field

_NEGATIVE = "Negative prompt:"
_FIRST_SETTING = "Steps:"  # always; a line of weights such as (cat:1.2) is none of settings
_SETTING = re.compile(r'([^",:]{1,60}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')


@dataclass(frozen=True, slots=True)
class Infotext:
    """What a picture was made with.

    Attributes:
        prompt: The prompt.
        negative: The negative prompt, or "".
        settings: Steps, Sampler and so on, as written; without the quotes round a value.
    """

    prompt: str
    negative: str = ""
    settings: dict[str, str] = field(default_factory=dict)


def parse_infotext(text: str) -> Infotext | None:
    """Read a block as ``parse_generation_parameters`` of A1111 does.

    Source: https://github.com/AUTOMATIC1111/stable-diffusion-webui,
    ``modules/infotext_utils.py``.

    Returns:
        The parts; None if the text is a prompt alone.
    """
    lines = [line.strip() for line in text.strip().split("\n")]
    settings = _settings(lines[-1])
    if settings:
        del lines[-1]
    at = next((n for n, line in enumerate(lines) if line.startswith(_NEGATIVE)), None)
    if at is None:
        return Infotext("\n".join(lines), "", settings) if settings else None
    negative = "\n".join([lines[at].removeprefix(_NEGATIVE).strip(), *lines[at + 1 :]])
    return Infotext("\n".join(lines[:at]), negative, settings)


def _settings(line: str) -> dict[str, str]:
    """Return the settings of a line; none if it is not a line of settings."""
    if not line.startswith(_FIRST_SETTING):
        return {}
    return {
        match[1].strip(): _unquoted(match[2].strip())
        for match in _SETTING.finditer(line)
        if match[1].strip()
    }


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value
