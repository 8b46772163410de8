"""What names a repository of the Hugging Face Hub and a file in it."""

import re

_REPO = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")


def is_hub_repo(value: object) -> bool:
    """Tell whether ``value`` is of the form ``OWNER/REPO``."""
    return isinstance(value, str) and _REPO.fullmatch(value) is not None


def is_hub_file(value: object) -> bool:
    """Tell whether ``value`` is a plain path within a repository."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 500
        and value.isprintable()
        and not set(value) & set("\\:?#")
        and all(part not in ("", ".", "..") for part in value.split("/"))
    )
