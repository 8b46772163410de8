"""What ``make run`` starts: the window, or without a display the same job in the terminal."""

import os
import subprocess
import sys

PICTURE = "tokensim.png"


def main(query: str) -> int:
    """Open the window; without a display print neighbours and draw the window into a file."""
    tokensim = [sys.executable, "-m", "tokensim_gui"]
    linux = sys.platform.startswith("linux")
    if not linux or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return subprocess.run(tokensim, check=False).returncode
    print(
        f"There is no display here, so TokenSim answers “{query}” in the terminal "
        f"and draws its window into {PICTURE}.\n",
        flush=True,
    )
    search = subprocess.run([*tokensim, "search", query], check=False)
    drawn = subprocess.run([*tokensim, "screenshot", PICTURE, "--query", query], check=False)
    if drawn.returncode == 0:
        print(f"\nThe window: {os.path.abspath(PICTURE)}")
    return search.returncode or drawn.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
