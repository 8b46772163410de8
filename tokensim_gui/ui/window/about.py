"""What TokenSim says of itself: versions, licences, sources of its data."""

import platform
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from tokensim_gui import __version__
from tokensim_gui.core import paths

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session

_PACKAGES = {
    "PySide6_Essentials": "LGPL-3.0",
    "torch": "BSD-3-Clause",
    "tokenizers": "Apache-2.0",
    "safetensors": "Apache-2.0",
    "numpy": "BSD-3-Clause",
    "regex": "Apache-2.0 and CNRI-Python",
    "ftfy": "Apache-2.0",
    "platformdirs": "MIT",
    "huggingface_hub": "Apache-2.0",
    "transformers": "Apache-2.0",
    "gguf": "MIT",
    "pyqtgraph": "MIT",
    "pillow": "MIT-CMU",
    "simsimd": "Apache-2.0",
    "packaging": "Apache-2.0 or BSD-2-Clause",
}
_DATA = (
    "CLIP’s token list by OpenAI (MIT), as carried by open_clip (MIT); starter vectors made with "
    "all-MiniLM-L6-v2 (Apache-2.0); where it is built in, the token table of CLIP ViT-L/14 by "
    "OpenAI (MIT)."
)


def versions() -> dict[str, str]:
    """Installed version of each library, "not found" for one that is missing."""
    from importlib import metadata  # 50 ms that no start has to wait for

    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not found"
    return found


def about_html() -> str:
    """Name, page, licences and data, for the About box."""
    works = [(name, version, _PACKAGES[name]) for name, version in versions().items()]
    works += [("Qt", qVersion(), "LGPL-3.0"), ("Python", platform.python_version(), "PSF-2.0")]
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>&nbsp;{escape(version)}</td>"
        f"<td>&nbsp;{escape(licence)}</td></tr>"
        for name, version, licence in works
    )
    return (
        f"<h3>TokenSim {__version__}</h3>"
        "<p>A dictionary of the tokens inside text-to-image models. MIT licence.<br>"
        f"{escape(paths.homepage())}</p>"
        f'<p>{_DATA}</p><table style="margin-top: 12px">{rows}</table>'
    )


def diagnostics(session: "Session") -> str:
    """What a bug report needs; no query, no token and no path."""
    info, results = session.tables.info, session.search.results
    lines = [
        f"TokenSim {__version__}",
        f"System: {platform.platform()}, Python {platform.python_version()}",
        f"Qt {qVersion()} on {QGuiApplication.platformName()}",
        f"Encoder: {info.family}, {info.rows} × {info.dim}, {info.dtype}",
        f"Device: {results.device if results else 'not known yet'}",
        *(f"{name} {version}" for name, version in versions().items()),
    ]
    return "\n".join(lines)
