"""OpenAI's own CLIP tokenizer, written anew from its description: the oracle for the fast one."""

import html
from functools import lru_cache
from itertools import pairwise

import ftfy
import regex

from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR

PATTERN = regex.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    regex.IGNORECASE,
)


class OpenAITokenizer:
    def __init__(self, pieces: dict[str, int], merges: list[tuple[str, str]]) -> None:
        self._ids = pieces
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._split_word = lru_cache(maxsize=None)(self._merge)

    def encode(self, text: str) -> list[int]:
        cleaned = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
        cleaned = regex.sub(r"\s+", " ", cleaned).strip().lower()
        return [
            self._ids[piece]
            for word in PATTERN.findall(cleaned)
            for piece in self._split_word(word)
        ]

    def _merge(self, word: str) -> tuple[str, ...]:
        if word in self._ids and word.startswith("<|"):
            return (word,)
        parts = [BYTE_TO_CHAR[byte] for byte in word.encode("utf-8")]
        parts[-1] += "</w>"
        while len(parts) > 1:
            pairs = list(pairwise(parts))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            merged = []
            place = 0
            while place < len(parts):
                if tuple(parts[place : place + 2]) == best:
                    merged.append("".join(best))
                    place += 2
                else:
                    merged.append(parts[place])
                    place += 1
            parts = merged
        return tuple(parts)
