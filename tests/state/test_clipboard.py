"""What is said of a copied text."""

import pytest
from PySide6.QtGui import QGuiApplication

from tests.state.prompt_bench import Bench


@pytest.mark.parametrize(
    ("text", "lines", "words"),
    [
        ("a cat", "prompts", "Copied “a cat”."),
        ("a\nb", "prompts", "Copied 2 prompts."),
        ("a\nb\nc", "lines", "Copied 3 lines."),
        ("cat " * 50, "lines", "Copied."),
    ],
)
def test_a_text_of_several_lines_is_counted_and_not_quoted(
    bench: Bench, text: str, lines: str, words: str
) -> None:
    bench.session.clipboard.copy_text(text, lines)
    assert bench.notices[-1].text == words
    assert QGuiApplication.clipboard().text() == text
