"""Where dropped tokens go in a query."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.inserting import with_tokens
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


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
        ("girl + `cat`", 10, ["dog"], "girl + `cat` + dog"),
        ("(cat:1.2)", 5, ["dog"], "(cat:1.2) + dog"),
        ("((a) + b:1.2) - c", 2, ["dog"], "((a) + b:1.2) + dog - c"),
        ("(cat:1.2", 3, ["dog"], "dog + (cat:1.2"),
        ("post-apocalyptic", 4, ["dog"], "post-apocalyptic + dog"),
        ("#2368", 1, ["dog"], "#2368 + dog"),
        ("cute girl + cat", 5, ["dog"], "cute girl + dog + cat"),
        ("0.7*cat - sun", 4, ["dog"], "0.7*cat + dog - sun"),
        ("-cat", 1, ["dog"], "-cat + dog"),
        ("c++", 3, ["dog"], "c++ + dog"),
        ('"cat', 2, ["dog"], 'dog + "cat'),
        ("cat\\", 4, ["dog"], "dog + cat\\"),
        ("cat )", 2, ["dog"], "cat ) + dog"),
    ],
)
def test_dropped_tokens_join_the_query_with_a_plus(
    text: str, position: int, names: list[str], becomes: str
) -> None:
    assert with_tokens(text, position, names) == becomes


CLIP = Vocabulary.load(paths.resource("starter"))
QUERY = ["cat", "cute girl", "c++", "post-war", "#42,067", "`cat`", "cat</w>", '"a (b"', r"\+"]
QUERY += [
    "0.7*",
    "2 * ",
    " / 2",
    ":1.2)",
    ":.5 )",
    "(",
    ")",
    " + ",
    " - ",
    "-",
    ", ",
    " ",
    '"',
    "`",
]


def terms(text: str) -> list[tuple[float, tuple[int, ...]]]:
    return [(term.coefficient, term.ids) for term in parse(text, CLIP).terms]


@settings(deadline=None, derandomize=True, max_examples=600)
@given(
    st.lists(st.sampled_from(QUERY), max_size=9).map("".join),
    st.data(),
    st.lists(st.sampled_from(["dog", "`dog`", "#2368", "sun"]), min_size=1, max_size=2),
)
def test_a_query_keeps_its_terms_where_tokens_are_dropped(
    text: str, data: st.DataObject, names: list[str]
) -> None:
    position = data.draw(st.integers(0, len(text)))
    changed = with_tokens(text, position, names)
    try:
        before = terms(text) if text.strip(" ,") else []  # commas alone are text
    except QueryError:
        return
    after = terms(changed)
    dropped = [ids for name in names for _, ids in terms(name)]
    assert any(
        after[:at] + after[at + len(names) :] == before
        and [ids for _, ids in after[at : at + len(names)]] == dropped
        for at in range(len(before) + 1)
    )
