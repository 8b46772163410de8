"""The script of the Windows installer, as far as it can be tried on Linux: it compiles."""

import tempfile
from pathlib import Path

from desktop import said
from use import require

from tokensim_gui import __version__

ROOT = Path(__file__).parents[2]
NAMES = ("TokenSim.exe", "tokensim.com", "_internal/python311.dll")


def compile_installer() -> None:
    """Make an installer of a tree that stands in for the bundle; warnings are errors."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in NAMES:
            path = folder / "TokenSim" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"stands in")
        made = folder / f"TokenSim-{__version__}-setup.exe"
        said(
            "makensis",
            "-WX",
            f"-DVERSION={__version__}",
            f"-DBUNDLE={folder / 'TokenSim'}",
            f"-DICON={ROOT / 'resources/icons/tokensim.ico'}",
            f"-DOUTPUT={made}",
            str(ROOT / "packaging/windows/tokensim.nsi"),
        )
        require(made.read_bytes()[:2] == b"MZ", "what makensis made is no program")
