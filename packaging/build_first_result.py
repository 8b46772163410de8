"""Makes ``resources/first_result.npz``: what the window draws before torch is imported.

Run after `build_resources.py`, with TokenSim installed. Deterministic for one starter table.
``build_first_result.py FOLDER SLUG TARGET`` does it for another table that ships with TokenSim.
"""

import sys
from dataclasses import replace
from pathlib import Path

from tokensim_gui.core.files.table import Table
from tokensim_gui.core.library.library import STARTER
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.search.saved_results import load_results, save_results
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui.search_page.filter_bar import LEVELS

RESOURCES = Path(__file__).parent.parent / "resources"


def main(folder: Path, slug: str, target: Path) -> None:
    """Answer the first query as a first start would ask it of the table in ``folder``."""
    settings = Settings(Path("/nonexistent/settings.json"))
    vocabulary = Vocabulary.load(folder)
    engine = Engine()
    engine.open(Table.load(folder), vocabulary)
    query = Query(
        settings.last_query,
        leave_out_own=settings.leave_out_own,
        filter=LEVELS[settings.filter_level][2],
    )
    save_results(target, replace(engine.search(query), slug=slug), vocabulary.rows)
    assert load_results(target, vocabulary.rows) is not None, "what was written can't be read"


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    else:
        main(RESOURCES / STARTER, STARTER, RESOURCES / "first_result.npz")
