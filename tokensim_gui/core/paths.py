"""Where TokenSim keeps things: config, data, cache and log folders, and its own resources."""

import os
import re
import sys
from pathlib import Path

import platformdirs

_APP = "tokensim"
# What breaks a line or turns its direction, and halves of characters that no name of a file has.
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udc7f\udd00-\udfff]"
)


def _folder(variable: str, default: str) -> Path:
    # TOKENSIM_HOME puts every folder under one root: a portable install, or a test.
    home = os.environ.get("TOKENSIM_HOME")
    return Path(home) / variable if home else Path(default)


def config_dir() -> Path:
    """Folder of the settings; not created here."""
    return _folder("config", platformdirs.user_config_dir(_APP, appauthor=False))


def data_dir() -> Path:
    """Folder of the tables; not created here."""
    return _folder("data", platformdirs.user_data_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """Folder of what can be computed again; not created here."""
    return _folder("cache", platformdirs.user_cache_dir(_APP, appauthor=False))


def log_dir() -> Path:
    """Folder of the rotating logs; not created here."""
    return _folder("log", platformdirs.user_log_dir(_APP, appauthor=False))


def resource(name: str) -> Path:
    """Path of a file that ships with TokenSim, from source, from a wheel and frozen.

    Args:
        name: Path below ``resources/``, with forward slashes.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "tokensim_gui" / "resources" / name
    package = Path(__file__).parents[1]
    installed = package / "resources" / name
    return installed if installed.exists() else package.parent / "resources" / name


def displayed(text: str) -> str:
    """Return a name out of the file system on one line, from left to right.

    U+FFFD stands for bytes that are no UTF-8, line breaks, other controls, marks of direction, and
    other halves of a pair, which a damaged JSON may hold and no encoding has.
    """
    plain = _UNSHOWN.sub("\ufffd", text)
    return plain.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def resolved(path: Path) -> Path:
    """Return the file that a path of `displayed` names leads to, or the path where none does.

    Qt, too, hands over names with U+FFFD for what is no UTF-8.
    """
    if os.path.lexists(path) or "\ufffd" not in str(path):
        return path
    found = Path(path.anchor)
    for part in path.parts[bool(path.anchor) :]:
        inner = found / part
        if "\ufffd" in part and not os.path.lexists(inner):
            try:
                alike = [name for name in os.listdir(found) if displayed(name) == part]
            except OSError:
                return path
            if len(alike) != 1:
                return path
            inner = found / alike[0]
        found = inner
    return found


def homepage() -> str:
    """Address of the project's page, such as ``https://github.com/OWNER/REPO``."""
    return resource("homepage.txt").read_text("utf-8").strip()
