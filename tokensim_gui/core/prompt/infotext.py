"""The text that A1111 and Forge write under a picture: prompt, negative prompt, settings."""

import json
import re
from dataclasses import dataclass, field

_NEGATIVE = "Negative prompt:"
_TEMPLATES = ("Template:", "Negative Template:")
_FEWEST_SETTINGS = 3
_NUMBERS = ("Steps", "Seed", "Size")
_NUMBER = re.compile(r"-?\d+(?:x\d+)?")
# A setting begins the line or follows a comma: the weights of a prompt, “(cat:1.2)”, do not.
_SETTING = re.compile(
    r'(?:^|(?<=,))\s*(\w[\w \-/]{1,100}):\s*("(?:\\.|[^\\"])*"(?=\s*(?:,|$))|[^,]*)(?:,|$)'
)


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

    Its last line holds the settings if there are at least three; whichever comes first. The
    ``Template:`` lines that Dynamic Prompts appends are settings too. Source:
    https://github.com/AUTOMATIC1111/stable-diffusion-webui, ``modules/infotext_utils.py``.

    Returns:
        The parts; None if the text is a prompt alone.
    """
    lines = [line.strip() for line in text.strip().split("\n")]
    lines, templates = _without_templates(lines)
    settings = _settings(lines[-1]) if len(lines) > 1 or not _is_prompt(lines[0]) else {}
    if settings:
        del lines[-1]
    at = next((n for n, line in enumerate(lines) if line.startswith(_NEGATIVE)), None)
    if at is None:
        return Infotext("\n".join(lines), "", settings | templates) if settings else None
    negative = "\n".join([lines[at].removeprefix(_NEGATIVE).strip(), *lines[at + 1 :]])
    return Infotext("\n".join(lines[:at]), negative, settings | templates)


def _without_templates(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """Part the lines from the templates behind the settings."""
    templates: dict[str, str] = {}
    first = next(
        (n for n, line in enumerate(lines) if line.startswith(_TEMPLATES) and n), len(lines)
    )
    if first == len(lines) or not _settings(lines[first - 1]):
        return lines, {}
    name = ""
    for line in lines[first:]:
        begins = next((title for title in _TEMPLATES if line.startswith(title)), None)
        if begins:
            name = begins.rstrip(":")
            templates[name] = line.removeprefix(begins).strip()
        else:
            templates[name] += "\n" + line
    return lines[:first], templates


def _is_prompt(line: str) -> bool:
    """Whether a text of one line is a prompt, however much of it looks like settings."""
    settings = _settings(line)
    return not any(_NUMBER.fullmatch(settings.get(name, "")) for name in _NUMBERS)


def _settings(line: str) -> dict[str, str]:
    """Return the settings of a line; none if it is not a line of settings."""
    settings = {match[1]: _unquoted(match[2].strip()) for match in _SETTING.finditer(line)}
    return settings if len(settings) >= _FEWEST_SETTINGS else {}


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    try:
        return str(json.loads(value))
    except (ValueError, RecursionError):
        return value
