"""Tooltips of words that others wrote: names of files, what stands in them, tokens, prompts."""

import html

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """A text as a tooltip shows it letter by letter; Qt takes one with a tag for markup."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space: pre-wrap; margin: 0">{html.escape(text)}</p>'
