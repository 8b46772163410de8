"""How long the largest vocabulary keeps the window from its events: no typed key must wait."""

import json
import os
import random
import tempfile
from pathlib import Path
from string import ascii_lowercase

import numpy as np
from PySide6.QtTest import QTest
from real_window import in_process, wait_until, window
from report import row, vectors

from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary import derived_arrays
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.typeable import Typing
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

WORD = "sunset"  # typed while an encoder is opened
LARGEST_ROWS, LARGEST_DIM = 262_208, 256  # as Gemma 3; how wide vectors are, no tokenizer hears


def rows():
    """Return the report's rows about a large vocabulary."""
    with tempfile.TemporaryDirectory() as home:
        largest = in_process(measure_largest, library_with_largest(Path(home)))
    return [
        row(f"event loop blocked, {LARGEST_ROWS:,} rows {step}, longest", ms, bound=100)
        for step, ms in largest.items()
    ]


def largest_tokenizer():
    """Return a tokenizer.json of `LARGEST_ROWS` pieces, seeded, with a way to make each of two."""
    rng = random.Random(7)
    vocab = {letter: number for number, letter in enumerate(BYTE_TO_CHAR)}
    parts, merges = ["Ġ", *ascii_lowercase], []
    while len(vocab) < LARGEST_ROWS:
        left, right = rng.choice(parts), rng.choice(ascii_lowercase)
        if left + right not in vocab:
            vocab[left + right] = len(vocab)
            parts.append(left + right)
            merges.append(f"{left} {right}")
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    byte_level["trim_offsets"] = False
    return json.dumps({
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocab, "merges": merges},
    })  # fmt: skip


def library_with_largest(home):
    """Put a table with `largest_tokenizer` into the library; return its slug."""
    os.environ["TOKENSIM_HOME"] = str(home)
    # How each token is typed takes minutes to try and is of no account here.
    typing = Typing(["alone"] * LARGEST_ROWS, [""] * LARGEST_ROWS, {})
    derived_arrays.find_typing = lambda *_: typing
    rng = np.random.default_rng(7)
    data = vectors(rng, LARGEST_ROWS, LARGEST_DIM).astype(np.float16).tobytes()
    with TableLibrary().adding("Largest") as new:
        (new.folder / "tokenizer.json").write_text(largest_tokenizer())
        save_table(new.folder, "Largest", "qwen", "F16", LARGEST_ROWS, LARGEST_DIM, [data])
        Vocabulary.load(new.folder)
        return new.slug


def measure_largest(slug):
    """Return the longest gap in ms of whatever brings the table ``slug`` in front or beside it."""
    took = {}
    with window(slug) as (tokensim, gaps):
        search_in(tokensim, slug)
        took["started on"] = gaps.longest_ms
        search_in(tokensim, "starter")
        gaps.restart()
        search_in(tokensim, slug)
        took["switched to"] = gaps.longest_ms
    for step in ("opened", "compared"):
        with window("starter") as (tokensim, gaps):
            search_in(tokensim, "starter")
            gaps.restart()
            if step == "opened":
                search_in(tokensim, slug)
            else:
                tokensim.window.pages.show_page("compare")
                comparison = tokensim.session.comparison
                type_word(tokensim.window.pages.page("compare").several.bar.focusProxy())
                wait_until(lambda shown=comparison: shown.is_current)
                check_typed(comparison.query)
            took[step] = gaps.longest_ms
    return took


def search_in(tokensim, slug):
    """Bring a table to the front, type a word meanwhile, and wait for the answer to all of it."""
    tables, search = tokensim.session.tables, tokensim.session.search
    tables.show(slug)
    type_word(tokensim.window.search.bar.focusProxy())
    wait_until(lambda: tables.current == slug and search.is_current)
    check_typed(search.query)


def type_word(field):
    """Type `WORD` in place of what a field holds, with a turn of the event loop after each key."""
    field.selectAll()
    for letter in WORD:
        QTest.keyClicks(field, letter)
        wait_until(lambda: True)


def check_typed(query):
    """Raise an error if a key of `type_word` was lost."""
    if query.text != WORD:
        raise RuntimeError(f"of the keys typed remains {query.text!r}")
