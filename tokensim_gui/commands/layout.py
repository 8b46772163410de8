"""``tokensim layout``: lays a table out as a map of all its tokens."""

import argparse

from tokensim_gui.commands.chosen_table import add_table, chosen_table
from tokensim_gui.commands.command import Answer, Commands, add_command, add_json
from tokensim_gui.core.job import Job


def add_commands(commands: Commands) -> None:
    """Add the parser."""
    parser = add_command(commands, "layout", _layout)
    add_table(parser)
    add_json(parser, progress=True)


def _layout(arguments: argparse.Namespace, job: Job) -> Answer:
    """Lay out all tokens of a table as a map and keep it beside the table; takes minutes."""
    from tokensim_gui.core.files.landscape_file import save_landscape
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.search.landscape import make_landscape

    with chosen_table(arguments) as (slug, folder):
        landscape = make_landscape(Table.load(folder), job)
        save_landscape(folder, landscape)
    return Answer(
        {"table": slug, "kept": landscape.kept},
        [f"The map of {slug} keeps {landscape.kept:.0%} of the true neighbours."],
    )
