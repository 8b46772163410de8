"""Where TokenSim keeps things: config, data, cache and log folders, and its own resources."""

import os
import sys
from pathlib import Path

import platformdirs

_APP = "tokensim"


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


def homepage() -> str:
    """Address of the project's page, such as ``https://github.com/OWNER/REPO``."""
    return resource("homepage.txt").read_text("utf-8").strip()
