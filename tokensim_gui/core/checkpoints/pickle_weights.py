"""Where all tensors of a PyTorch file lie; `pickle_file` looks up its token tables only."""

from io import BytesIO
from math import prod
from pathlib import Path

from tokensim_gui.core.checkpoints import inert_pickle, stored_zip
from tokensim_gui.core.checkpoints.entries import TensorEntry, read_exactly, stamp_of, unreadable
from tokensim_gui.core.checkpoints.inert_pickle import Malformed
from tokensim_gui.core.checkpoints.pickle_file import STARTS
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.number_formats import ITEM_BYTES

_ZIP_START = b"PK"


def is_pickle(path: Path) -> bool:
    """Tell whether a checkpoint begins as PyTorch files do, and not as safetensors.

    Raises:
        FileError: The file can't be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise unreadable(path, error) from error
    return start.startswith(STARTS) and start[8:] != b"{"


def entries(path: Path) -> list[TensorEntry]:
    """List the tensors that can be read: numbers for weights, lying row after row.

    Args:
        path: A file that `pickle_file.entries` has read, and so found sound.

    Raises:
        FileError: The file can't be read, is of the form before PyTorch 1.6, or is damaged.
    """
    size = stamp_of(path).size
    try:
        with path.open("rb", buffering=0) as file:
            if file.read(2) != _ZIP_START:
                raise FileError(
                    f"{path.name} was written by a PyTorch older than 1.6, so TokenSim reads only "
                    "its token vectors. Save it again with a newer one, or as safetensors."
                )
            members = stored_zip.members(file, path, size)
            name = next(name for name in members if name.rpartition("/")[2] == "data.pkl")
            start = stored_zip.content_start(file, path, size, members[name])
            raw = read_exactly(file, path, start, members[name].nbytes)
            found = []
            for key, tensor in inert_pickle.tensors(inert_pickle.load(BytesIO(raw))):
                item = ITEM_BYTES.get(tensor.dtype, 0)
                member = members.get(f"{name.removesuffix('data.pkl')}data/{tensor.storage.key}")
                nbytes, skipped = prod(tensor.shape) * item, tensor.offset * item
                if not item or not tensor.is_row_major():
                    continue
                if member is None or member.nbytes < skipped + nbytes:
                    raise stored_zip.damaged(path)
                place = stored_zip.content_start(file, path, size, member) + skipped
                found.append(TensorEntry(key, tensor.dtype, tensor.shape, path, place, nbytes))
            return found
    except OSError as error:
        raise unreadable(path, error) from error
    except Malformed as error:
        raise FileError(f"{path.name} can't be read: {error}.") from error
