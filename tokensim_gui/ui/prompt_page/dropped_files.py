"""Which dropped or pasted files are the Prompt page's: pictures, captions and folders of them."""

from pathlib import Path

from PySide6.QtCore import QMimeData

from tokensim_gui.core.prompt.prompt_reading import holds_model

CAPTIONS = (".txt", ".caption")
_PICTURES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".avif", ".gif")


def file_in(data: QMimeData) -> Path | None:
    """The first file or folder that the page takes; models are the window's."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and _is_ours(path):
            return path
    return None


def _is_ours(path: Path) -> bool:
    if path.is_dir():
        return not holds_model(path)
    return path.suffix.lower() in (*CAPTIONS, *_PICTURES)


def words_for(path: Path) -> str:
    """What the page would do with a file or folder that it takes."""
    if path.is_dir():
        return "Check captions"
    return "Read the caption" if path.suffix.lower() in CAPTIONS else "Read the prompt"
