"""Makes ``resources/starter/landscape.npz``: the map of all tokens of the starter table.

Run after `build_resources.py`, with TokenSim installed; takes two minutes on two cores. The same
for one starter table on one computer.
"""

from pathlib import Path

from tokensim_gui.core.files.landscape_file import NAME, save_landscape
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.search.landscape import make_landscape

STARTER = Path(__file__).parent.parent / "resources" / "starter"
LARGEST, LEAST_KEPT = 400_000, 0.40


def main() -> None:
    """Lay the starter out."""
    landscape = make_landscape(Table.load(STARTER), Job())
    save_landscape(STARTER, landscape)
    size = (STARTER / NAME).stat().st_size
    assert size <= LARGEST, f"{size} bytes are too many to ship"
    assert landscape.kept >= LEAST_KEPT, f"only {landscape.kept:.0%} of the neighbours are kept"


if __name__ == "__main__":
    main()
