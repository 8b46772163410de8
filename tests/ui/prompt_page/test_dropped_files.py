"""Which files the Prompt page takes, by their names."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from tokensim_gui.ui.prompt_page.dropped_files import file_in


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("a.PNG", True),
        ("a.caption", True),
        ("portrait.json", True),
        ("portrait (1) index of all.json", True),
        ("my tokens.json", True),
        ("portrait_config.json", True),
        ("tokenizer.json", False),
        ("t5xxl_fp16.tokenizer.json", False),
        ("tokenizer_config.json", False),
        ("generation_config.json", False),
        ("config.json", False),
        ("vocab.json", False),
        ("added_tokens.json", False),
        ("special_tokens_map.json", False),
        ("model.safetensors.index.json", False),
        ("model.safetensors", False),
    ],
)
def test_pictures_captions_and_workflows_are_the_pages(
    name: str, is_ours: bool, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(b"{}")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert file_in(data) == (path if is_ours else None)
