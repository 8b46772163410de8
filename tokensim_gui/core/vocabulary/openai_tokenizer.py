"""Where OpenAI's own CLIP tokenizer reads a text otherwise than the fast one."""

import html


def openai_clean(text: str) -> str:
    """``text`` as OpenAI's tokenizer cleans it before it splits.

    Source: ``basic_clean`` and ``whitespace_clean`` of CLIP's ``simple_tokenizer.py``. The fast
    tokenizer only composes characters (NFC), collapses white space and lowers case; after
    cleaning, the two split alike.
    """
    if not (text.isascii() and text.isprintable() and "&" not in text):
        import ftfy  # 50 ms to import; plain English text never needs it

        text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return " ".join(text.split()).lower()
