"""Forms of an English word by its ending: girl, girls, girly, girl's."""

_ENDINGS = ("s", "es", "ed", "er", "est", "ing", "ly", "y", "'s")
_SHORTEST_STEM = 3


def word_forms(text: str) -> frozenset[str]:
    """Return the texts that share a stem with ``text``: itself, and what endings make of it.

    The stems of a text are the text and what is left, 3 characters or more, when it loses one of
    s, es, ed, er, est, ing, ly, y, 's. The forms are its stems with one of these or none. A
    silent e is neither dropped nor put back: of ``cute`` and ``cuter`` neither is a form.
    """
    stems = [text]
    for ending in _ENDINGS:
        stem = text.removesuffix(ending)
        if _SHORTEST_STEM <= len(stem) < len(text):
            stems.append(stem)
    return frozenset(stem + ending for stem in stems for ending in ("", *_ENDINGS))
