"""What the bundle leaves out is nothing that TokenSim imports."""

import ast
import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_that_is_left_out_is_imported() -> None:
    spec = importlib.util.spec_from_file_location("trimming", ROOT / "packaging/bundle/trimming.py")
    trimming = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trimming)
    imported = set()
    for file in (ROOT / "tokensim_gui").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    missing = {
        (name, left_out)
        for name in imported
        for left_out in trimming.MODULES
        if f"{name}.".startswith(f"{left_out}.")
    }
    assert not missing
