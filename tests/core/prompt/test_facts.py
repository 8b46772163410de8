"""What the help puts right is what the program knows, with its source."""

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.prompt.facts import FACTS, Fact


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.title)
def test_the_help_holds_each_correction_with_its_source(fact: Fact) -> None:
    said = " ".join(paths.resource("help.md").read_text("utf-8").split())
    assert f"**{fact.title}** {fact.sentence} Source: {fact.source}" in said
