"""Install torch as `packaging/constraints.txt` pins it; what ``make run`` does first.

``python packaging/install_torch.py`` takes TORCH_INDEX where that is set. Else, on Linux without an
NVIDIA driver, it takes the CPU build, of some 200 MB, from `CPU_INDEX`, if that answers at once;
what is left is pip's own index, whose build for Linux brings gigabytes of CUDA libraries.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE_S = 4.0
CONSTRAINTS = Path(__file__).with_name("constraints.txt")


def main() -> int:
    """Choose, say what was chosen, and install; pip's exit code."""
    (pinned,) = re.findall(r"^torch==\S+", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    named = os.environ.get("TORCH_INDEX")
    if named:
        print(f"Taking {pinned} from {named}.", flush=True)
        return subprocess.run([*pip, "--index-url", named, pinned], check=False).returncode
    if sys.platform == "linux" and not has_nvidia_driver():
        size = size_at(CPU_INDEX, pinned)
        if size:
            print(f"Taking {pinned} for the CPU from {CPU_INDEX}: {size / 1e6:.0f} MB.", flush=True)
            # Alone: what it needs comes with the rest, from pip's own index.
            alone = [*pip, "--no-deps", "--index-url", CPU_INDEX, pinned]
            if subprocess.run(alone, check=False).returncode == 0:
                return 0
        print(f"{CPU_INDEX} does not answer.", end=" ")
    print(f"Taking {pinned} from pip's own index{size_of(pip, pinned)}.", flush=True)
    return subprocess.run([*pip, pinned], check=False).returncode


def size_of(pip: list[str], pinned: str) -> str:
    """What pip would download for torch, in words; "" where it can't say."""
    report = ["--quiet", "--dry-run", "--no-deps", "--ignore-installed", "--report", "-"]
    done = subprocess.run([*pip, *report, pinned], capture_output=True, text=True, check=False)
    try:
        (found,) = json.loads(done.stdout)["install"]
        if any(need.startswith("nvidia") for need in found["metadata"].get("requires_dist", ())):
            return ", with CUDA's libraries: about 3 GB"
        with urllib.request.urlopen(
            urllib.request.Request(found["download_info"]["url"], method="HEAD"), timeout=PATIENCE_S
        ) as answer:
            return f": {int(answer.headers['Content-Length']) / 1e6:.0f} MB"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def has_nvidia_driver() -> bool:
    """Whether this computer can run CUDA."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def size_at(index: str, pinned: str) -> int:
    """Size in bytes of the wheel for this Python that an index offers; 0 without an answer.

    Asks in a thread: a name server that is silent can't be hurried.
    """
    found: list[int] = []

    def ask() -> None:
        tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
        name = re.escape(pinned.replace("==", "-"))
        wheel = rf'href="([^"#]*{name}[^"/#]*-{tag}-{tag}-[^"/#]*{os.uname().machine}\.whl)'
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=PATIENCE_S) as page:
                (link, *_) = re.findall(wheel, page.read(10_000_000).decode("utf-8", "replace"))
                url = urllib.parse.urljoin(page.url, link)
            head = urllib.request.Request(url, method="HEAD")
            with urllib.request.urlopen(head, timeout=PATIENCE_S) as answer:
                found.append(int(answer.headers["Content-Length"]))
        except (OSError, ValueError, TypeError):
            return

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return found[0] if found else 0


if __name__ == "__main__":
    sys.exit(main())
