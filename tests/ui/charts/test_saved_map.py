"""The map as a file."""

import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tokensim_gui.core.errors import FileError


def test_a_saved_picture_can_be_opened_again(shown, tmp_path):
    shown.save(tmp_path / "map.png")
    image = QImage(str(tmp_path / "map.png"))
    assert image.size() == shown.canvas.size() * 2
    shown.save(tmp_path / "map.SVG")
    text = (tmp_path / "map.SVG").read_text("utf-8")
    assert text.startswith("<?xml") and text.rstrip().endswith("</svg>")
    assert ">query</text>" in text


def test_a_picture_that_cannot_be_written_is_one_sentence(shown, tmp_path):
    with pytest.raises(FileError, match=r"“map.jpg” can’t be written: .* \.png or \.svg\."):
        shown.save(Path("map.jpg"))
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="file can't be written to"):
        shown.save(tmp_path / "file" / "map.png")


@pytest.mark.skipif(sys.platform == "win32", reason="limits are other ones there")
def test_a_picture_for_which_there_is_no_room_leaves_the_older_one(shown, tmp_path):
    from resource import RLIMIT_FSIZE, getrlimit, setrlimit

    path = tmp_path / "map.png"
    path.write_bytes(b"older")
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(FileError):
            shown.save(path)
    finally:
        setrlimit(RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"older"
