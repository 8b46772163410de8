"""Write the sizes of what a release carries into the README: ``write_sizes.py FOLDER``.

Between the two marks there; the release workflow runs it on the files that it made.
"""

import re
import sys
from pathlib import Path
from typing import Final

README: Final = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- sizes: written by the release workflow -->", "<!-- /sizes -->"
# What a name says of a file; the parts of an archive count together.
NAMES: Final = {
    r".*\.deb": "Debian, Ubuntu",
    r".*\.rpm": "Fedora, openSUSE",
    r".*-linux-[^-]*\.tar\.zst": "any Linux",
    r".*\.AppImage": "AppImage",
    r".*-setup\.exe": "Windows",
    r".*\.dmg": "macOS",
    r".*-linux-.*-cuda\.tar\.zst.*": "Linux with CUDA",
    r".*-windows-.*-cuda\.7z.*": "Windows with CUDA",
}


def main(folder: Path) -> None:
    """Renew the line between the marks."""
    sizes: dict[str, int] = {}
    for pattern, name in NAMES.items():
        found = [file for file in folder.iterdir() if re.fullmatch(pattern, file.name)]
        if found:
            sizes[name] = sum(file.stat().st_size for file in found)
    line = " · ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sizes.items())
    text = README.read_text("utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}\nSizes of the last release: {line}.\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
