"""How long the query and prompt parsers take at their worst."""

import time

from report import row

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.prompt import conversion
from tokensim_gui.core.prompt.interfaces import WITH_WEIGHTS
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

UNITS = ("(", "((a)", "(a:1.2)", "[a:b:0.5]", "a, ", "\\(", "1.2::a::", "{a}", "(a)++", '"a', ":1)")
LENGTH = 10_000


def best_ms(action):
    """CPU time of the fastest of three calls."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        action()
        taken.append((time.process_time() - begun) * 1000)
    return min(taken)


def rows():
    """Return the report's rows about parsers."""
    vocabulary = Vocabulary.load(paths.resource("starter"))
    vocabulary.encode("a")

    def query(text):
        try:
            parse(text, vocabulary)
        except QueryError:
            pass

    worst_query = max(best_ms(lambda u=u: query((u * 2000)[:2000])) for u in UNITS)
    worst_prompt = max(
        best_ms(lambda u=u, i=i: conversion.parse((u * LENGTH)[:LENGTH], i))
        for u in UNITS
        for i in WITH_WEIGHTS
    )
    return [
        row("a query of 2,000 characters, the worst of 11 kinds", worst_query, bound=50),
        row("a prompt of 10,000 characters, the worst of 55 kinds", worst_prompt, bound=50),
    ]
