"""The tree shows the architecture; these tests keep it so."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tokensim_gui"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TORCH_USERS = {
    "tokensim_gui.core.search.engine",
    "tokensim_gui.core.search.projection",
    "tokensim_gui.core.text_encoders.text_encoder",
    "tokensim_gui.core.text_encoders.encoder_files",
}
HEAVY = ("torch", "transformers", "huggingface_hub", "pyqtgraph", "gguf", "ftfy")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    """Modules that a file imports; typing-only imports do not count."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def uses(modules: set[str], *prefixes: str) -> set[str]:
    return {m for m in modules if any(m == p or m.startswith(f"{p}.") for p in prefixes)}


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=module_name)
def test_the_core_knows_no_qt_and_nothing_above_it(path: Path) -> None:
    wings = [f"tokensim_gui.{wing}" for wing in ("commands", "app", "ui", "state", "jobs")]
    assert not uses(imports(path), "PySide6", "shiboken6", *wings)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_only_the_computing_modules_import_torch(path: Path) -> None:
    if module_name(path) not in TORCH_USERS:
        assert not uses(imports(path), "torch", "transformers")


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_only_the_charts_import_pyqtgraph(path: Path) -> None:
    if path.parent != PACKAGE / "ui" / "charts":
        assert not uses(imports(path), "pyqtgraph")


@pytest.mark.parametrize("path", sorted((PACKAGE / "ui").rglob("*.py")), ids=module_name)
def test_widgets_never_call_the_worker_or_the_engine(path: Path) -> None:
    forbidden = [f"tokensim_gui.{name}" for name in ("worker", "child_task", "app", "cli")]
    forbidden += [
        "tokensim_gui.core.search.engine",
        "tokensim_gui.core.text_encoders.text_encoder",
        "torch",
    ]
    assert not uses(imports(path), *forbidden)


def public_widgets(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            bases = {ast.unparse(base) for base in node.bases}
            if any(re.fullmatch(r"Q\w*(Widget|Frame|Window|View|Label|Dialog)", b) for b in bases):
                names.append(node.name)
    return names


@pytest.mark.parametrize("path", sorted((PACKAGE / "ui").rglob("*.py")), ids=module_name)
def test_a_file_holds_one_public_widget(path: Path) -> None:
    assert len(public_widgets(path)) <= 1


@pytest.mark.parametrize("page", sorted(PACKAGE.glob("ui/*_page/*_page.py")), ids=module_name)
def test_only_the_page_composes_its_widgets(page: Path) -> None:
    composed = {
        module_name(path)
        for path in page.parent.glob("*.py")
        if path != page and public_widgets(path) and module_name(path) in imports(page)
    }
    assert composed
    for path in page.parent.glob("*.py"):
        if module_name(path) in composed:
            assert not imports(path) & composed, f"{path.name} composes too"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_a_file_is_one_subject(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 450
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
            public = [m for m in methods if not m.name.startswith("_")]
            assert len(public) <= 25, f"{node.name} has {len(public)} public methods"


@pytest.mark.parametrize("path", sorted((PACKAGE / "ui").rglob("*.py")), ids=module_name)
def test_only_the_theme_names_a_colour_or_sets_a_style_sheet(path: Path) -> None:
    if path.name == "theme.py":
        return
    source = path.read_text("utf-8")
    assert "setStyleSheet" not in source
    assert not re.search(r"[\"']#[0-9a-fA-F]{6}[\"']", source)
    assert "Qt.GlobalColor" not in source


def test_the_app_starts_without_the_heavy_libraries() -> None:
    code = (
        f"import sys, tokensim_gui.app;print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_package_is_in_the_wheel() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    there = {module_name(path) for path in PACKAGE.rglob("__init__.py")}
    assert there | {"tokensim_gui.resources"} == listed
