"""An import to be killed. A process of its own runs it, which imports this module and no test."""

from pathlib import Path

from tokensim_gui.core.hub.http_client import Patience
from tokensim_gui.core.hub.hub import Hub
from tokensim_gui.core.library import table_import
from tokensim_gui.core.library.library import TableLibrary

PATIENCE = Patience(stall_s=2, tries=2, pause_s=0.01)


def run_import(source: str, root: Path) -> None:
    library = TableLibrary(root)
    if source.startswith("http"):
        table_import.import_from_hub("a/b", library, Hub(source, None, PATIENCE))
    else:
        table_import.import_checkpoint(Path(source), library)
