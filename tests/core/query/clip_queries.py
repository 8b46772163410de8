"""Queries read with CLIP's own vocabulary, and what becomes of them."""

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))

CAT, CUTE, DOG, GIRL, KING, MAN, WOMAN = CLIP.encode("cat cute dog girl king man woman")
CAT_PART = 1481


def terms(text):
    return [(term.coefficient, term.ids) for term in parse(text, CLIP).terms]


def finished_terms(text):
    parsed = parse(text, CLIP)
    assert parsed.unfinished == "" and parsed.strict_error is None
    return [(term.coefficient, term.ids) for term in parsed.terms]


def refusal(text):
    with pytest.raises(QueryError) as caught:
        parse(text, CLIP)
    return caught.value
