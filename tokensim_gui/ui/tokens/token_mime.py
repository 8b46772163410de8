"""What a dragged token carries: its text for every program, its id for this one."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData

TOKEN_IDS = "application/x-tokensim-ids"


def mime_data(ids: Sequence[int], text: str) -> QMimeData:
    """Data to drag: ``text`` as text/plain and the ids as comma separated numbers."""
    data = QMimeData()
    data.setText(text)
    data.setData(TOKEN_IDS, ",".join(str(token_id) for token_id in ids).encode())
    return data


def dragged_ids(data: QMimeData) -> list[int]:
    """The ids in dragged data; empty if it holds none or was made by something else."""
    fields = bytes(data.data(TOKEN_IDS).data()).decode("ascii", "replace").split(",")
    return [int(field) for field in fields if field.isascii() and field.isdecimal()]
