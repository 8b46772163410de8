"""The textual inversions that queries may name, read when they are first asked for."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.errors import FileError, TokenSimError

if TYPE_CHECKING:  # the readers take long to import, and most queries name no embedding
    from tokensim_gui.core.loras.inversion_file import Inversion
    from tokensim_gui.core.loras.trained_files import TrainedFile

_KEPT = 64
_NAMED = 5


class InversionShelf:
    """Finds inversions by name, whatever its case; used by one thread at a time but for `put`."""

    def __init__(self, files: "Iterable[TrainedFile] | None" = None) -> None:
        """Take the files that hold them; by default those of the list kept on this computer."""
        self._paths: Mapping[str, str] | None = None
        self._read: dict[tuple[str, str, int], Inversion] = {}
        if files is not None:
            self.put(files)

    def put(self, files: "Iterable[TrainedFile]") -> None:
        """Offer the inversions of other files; of two with one name the first."""
        paths: dict[str, str] = {}
        for file in files:
            for name in file.inversions:
                paths.setdefault(name.casefold(), file.path)
        self._paths = MappingProxyType(paths)  # swapped whole: another thread may be reading

    def names(self) -> list[str]:
        """What queries may name, in small letters."""
        return sorted(self._known())

    def _known(self) -> Mapping[str, str]:
        if self._paths is None:
            from tokensim_gui.core.loras.trained_files import stored_list

            self.put(stored_list())
        assert self._paths is not None
        return self._paths

    def vectors(self, name: str, place: int, dim: int, table: str) -> NDArray[np.float64]:
        """Return the vectors of an inversion that belong into a space.

        Args:
            name: What it is called by.
            place: Which of them, from 1; 0 for all.
            dim: Width of the space.
            table: Its name, for messages.

        Returns:
            float64 [n, dim].

        Raises:
            TokenSimError: There is none of that name or place, or none of that width.
        """
        inversion = self._inversion(name)
        fitting = [part for part in inversion.parts if part.vectors.shape[1] == dim]
        if not fitting:
            widths = " and ".join(f"{part.vectors.shape[1]:,}" for part in inversion.parts)
            models = f" It fits {', '.join(inversion.fits)}." if inversion.fits else ""
            raise TokenSimError(
                f"The embedding “{name}” has vectors of {widths} numbers, {table} of {dim:,}: "
                f"open an encoder of that width.{models}"
            )
        found = fitting[0].vectors.astype(np.float64)
        if place > len(found):
            count = "1 vector" if len(found) == 1 else f"{len(found)} vectors"
            raise TokenSimError(f"The embedding “{name}” has {count}, counted from 1.")
        return found[place - 1 : place] if place else found

    def _inversion(self, name: str) -> "Inversion":
        from tokensim_gui.core.loras.inversion_file import read_inversions

        key = name.casefold()
        path = self._known().get(key)
        if path is None:
            names = self.names()
            known = ", ".join(names[:_NAMED])
            more = "…" if len(names) > _NAMED else ""
            raise TokenSimError(
                f"No embedding is called “{name}”: "
                + (
                    f"known are {known}{more}."
                    if known
                    else "open its file, or look for embeddings on the Encoders page."
                )
            )
        try:
            stamp = (key, path, os.stat(path).st_mtime_ns)
        except OSError as error:
            raise FileError(f"{path} can't be read: {error.strerror or error}.") from error
        if stamp not in self._read:
            read = {one.name.casefold(): one for one in read_inversions(Path(path))}
            if key not in read:
                raise FileError(f"{Path(path).name} holds no embedding “{name}” any more.")
            if len(self._read) >= _KEPT:
                del self._read[next(iter(self._read))]
            self._read[stamp] = read[key]
        return self._read[stamp]


def shelf_of(paths: Sequence[Path]) -> InversionShelf:
    """Return a shelf with the inversions of some paths before those of the kept list.

    Raises:
        FileError: There is none in one of the paths.
    """
    from tokensim_gui.core.loras.trained_files import identify, stored_list

    if not paths:
        return InversionShelf()
    first = []
    for path in paths:
        file = identify(path)
        if file is None or not file.inversions:
            raise FileError(f"{path.name} holds no textual inversion: choose another file.")
        first.append(file)
    return InversionShelf([*first, *stored_list()])
