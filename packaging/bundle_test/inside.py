"""Runs inside the bundle, in its probe: the tests of the window with the bundle's own modules.

Pytest and its plugins come from a folder outside, named first; what they need of Python's library
is imported before the tests begin, and is out of reach from then on. So a module that TokenSim
needs and the bundle lacks is missed here as it would be at a user's.
"""

import ctypes
import importlib
import sys
from pathlib import Path

# Imported by pytest and its plugins when they are needed, which would be too late.
LATE = ("doctest", "pdb", "tomllib", "unittest.mock", "xml.etree.ElementTree")


def main(outside: Path, standard: Path, arguments: list[str]) -> int:
    """Run the tests; pytest's exit code.

    Args:
        outside: Folder with pytest and its like.
        standard: Folder of Python's own modules.
        arguments: For pytest.
    """
    library = [str(standard), str(standard / "lib-dynload")]
    sys.path += [str(outside), *library]
    import PySide6
    import pytest

    PySide6.__path__.append(str(outside / "PySide6"))
    importlib.import_module("PySide6.QtWidgets")  # its libraries, before those of QtTest
    ctypes.CDLL(str(outside / "PySide6" / "libQt6Test.so.6"), ctypes.RTLD_GLOBAL)
    qt = importlib.import_module("pytestqt.plugin")
    for name in LATE:
        importlib.import_module(name)
    for folder in library:
        sys.path.remove(folder)
    return pytest.main([*arguments, "-p", "no:cacheprovider"], plugins=[qt])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
