"""Where dropped tokens go in a query."""

import pytest

from tokensim_gui.query_text import with_tokens


@pytest.mark.parametrize(
    ("text", "position", "names", "becomes"),
    [
        ("", 0, ["girly"], "girly"),
        ("(cute + girl) / 2", 17, ["girly"], "(cute + girl) / 2 + girly"),
        ("cat", 0, ["dog"], "dog + cat"),
        ("cat", 1, ["dog"], "cat + dog"),
        ("cat +", 5, ["dog"], "cat + dog"),
        ("cat - ", 6, ["dog"], "cat - dog"),
        ("cat  + dog", 4, ["sun"], "cat + sun + dog"),
        ("(cat)", 1, ["dog"], "(dog + cat)"),
        ("(cat)", 4, ["dog"], "(cat + dog)"),
        ("()", 1, ["dog"], "(dog)"),
        ("cat", 3, ["dog", "sun"], "cat + dog + sun"),
    ],
)
def test_dropped_tokens_join_the_query_with_a_plus(
    text: str, position: int, names: list[str], becomes: str
) -> None:
    assert with_tokens(text, position, names) == becomes
