"""Words that several vocabularies have, however each of them writes its tokens."""

from collections.abc import Mapping, Sequence

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.values import IntArray
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def word(vocabulary: Vocabulary, token: int) -> str:
    """By what a token is the same word in another vocabulary: its text, in small letters."""
    return vocabulary.display(token).casefold()


def ranks_by_word(vocabulary: Vocabulary, ids: IntArray) -> dict[str, int]:
    """The best rank, from 1, of each word among tokens that are ranked best first."""
    ranks: dict[str, int] = {}
    for rank, token in enumerate(ids.tolist(), 1):
        ranks.setdefault(word(vocabulary, token), rank)
    return ranks


def in_all(ranks: Sequence[Mapping[str, int]]) -> list[str]:
    """The words that all of these have, by the sum of their ranks."""
    if not ranks:
        return []
    words = set.intersection(*map(set, ranks))
    return sorted(words, key=lambda word: (sum(one[word] for one in ranks), word))


def check_one_vocabulary(before: Vocabulary, after: Vocabulary, names: tuple[str, str]) -> None:
    """See that every id means the same piece in both.

    Raises:
        TokenSimError: They differ in length or in some piece.
    """
    way_out = "Choose two checkpoints of one encoder."
    if before.rows != after.rows:
        raise TokenSimError(
            f"{names[0]} has {before.rows:,} tokens and {names[1]} {after.rows:,}. {way_out}"
        )
    for token in range(before.rows):
        if before.piece(token) != after.piece(token):
            raise TokenSimError(
                f"{names[0]} and {names[1]} don’t share a vocabulary: #{token} is "
                f"“{before.display(token)}” in one and “{after.display(token)}” in the other. "
                f"{way_out}"
            )
