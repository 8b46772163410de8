"""Tensors of a safetensors file."""

from typing import TYPE_CHECKING

from tokensim_gui.core.checkpoints.entries import TensorEntry
from tokensim_gui.core.files.safetensors_format import read_header

if TYPE_CHECKING:
    from pathlib import Path


def entries(path: "Path") -> list[TensorEntry]:
    """List the tensors of a safetensors file, in the order of their bytes.

    Raises:
        FileError: The file can't be read or is not well-formed.
    """
    header, _ = read_header(path)
    return [
        TensorEntry(name, tensor.dtype, tensor.shape, path, tensor.offset, tensor.nbytes)
        for name, tensor in header.items()
    ]
