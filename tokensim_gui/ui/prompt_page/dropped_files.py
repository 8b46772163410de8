"""Which dropped or pasted files are the Prompt page's: pictures, workflows, captions, folders."""

import os
import re
from pathlib import Path

from PySide6.QtCore import QMimeData

from tokensim_gui.core.prompt.prompt_reading import holds_model
from tokensim_gui.ui.widgets.drops import local_files

CAPTIONS = (".txt", ".caption")
_PICTURES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".avif", ".gif")
_WORKFLOW = ".json"
_OF_MODELS = re.compile(
    r"(.+\.)?(tokenizer|tekken|vocab|index)|(added|special)_tokens(_map)?"
    r"|((adapter|generation|model|preprocessor|processor|quantize|scheduler|tokenizer)_)?config",
    re.IGNORECASE,
)
"""What the JSON files beside a model are called; ``NAME.tokenizer.json`` is one of ours."""


def file_in(data: QMimeData) -> Path | None:
    """The first file or folder that the page takes; models are the window's."""
    return next((path for path in local_files(data) if _is_ours(path)), None)


def _is_ours(path: Path) -> bool:
    if os.path.isdir(path):  # which is quiet about names that no file can have
        return not holds_model(path)
    if path.suffix.lower() == _WORKFLOW:
        return not _OF_MODELS.fullmatch(path.stem)
    return path.suffix.lower() in (*CAPTIONS, *_PICTURES)


def words_for(path: Path) -> str:
    """What the page would do with a file or folder that it takes."""
    if os.path.isdir(path):
        return "Check captions"
    return "Read the caption" if path.suffix.lower() in CAPTIONS else "Read the prompt"
