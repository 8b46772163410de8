"""How the library's other encoders cut a text: how many tokens it costs there, and which."""

from dataclasses import dataclass
from pathlib import Path

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as one encoder reads it in a prompt.

    Attributes:
        slug: The table.
        name: What it is called.
        ids: The tokens; none if the table has no tokenizer.
        pieces: What the window shows for each.
        lacks: Whether it has no token for a part, and a prompt sends a sign for that.
    """

    slug: str
    name: str
    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    lacks: bool


class OtherEncoders:
    """Keeps the tokenizers of the library, each loaded at its first text.

    Loading one holds the interpreter's lock for up to seconds: this belongs into a process of its
    own.
    """

    def __init__(self, library: TableLibrary) -> None:
        self._library = library
        self._vocabularies: dict[Path, Vocabulary] = {}

    def readings(self, text: str) -> list[Reading]:
        """Cut ``text`` by every encoder that the library has now, in its order.

        Tables that can't be read are left out.
        """
        tables = self._library.tables()
        folders = {info.slug: self._library.folder(info.slug) for info in tables}
        for gone in set(self._vocabularies) - set(folders.values()):
            del self._vocabularies[gone]
        return [self._reading(info, folders[info.slug], text) for info in tables]

    def _reading(self, info: TableInfo, folder: Path, text: str) -> Reading:
        try:
            vocabulary = self._vocabularies.get(folder)
            if vocabulary is None:
                vocabulary = self._vocabularies[folder] = Vocabulary.load(folder)
            ids = vocabulary.encode_in_prompt(text)
        except TokenSimError:
            return Reading(info.slug, info.name, (), (), False)
        pieces = tuple(map(vocabulary.display, ids))
        return Reading(info.slug, info.name, ids, pieces, vocabulary.unknown in ids)
