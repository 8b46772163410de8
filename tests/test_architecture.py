"""The tree shows the architecture; one test a rule keeps it so, and a broken one lists where."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tokensim_gui"
WINGS = ("commands", "app", "ui", "state", "jobs", "core")
"""Each may import those behind it."""
EVERYWHERE = {"tokensim_gui", "tokensim_gui.log"}
TORCH_FOLDERS = ("core.search", "core.text_encoders")
HEAVY = ("torch", "transformers", "huggingface_hub", "pyqtgraph", "gguf", "ftfy", "PIL")
LONGEST_FILE = 450
MOST_METHODS = 25


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {
    module_name(path): ast.parse(path.read_text("utf-8"), path)
    for path in sorted(PACKAGE.rglob("*.py"))
}


def path_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imports_of(module: str) -> set[str]:
    """Modules that a module imports anywhere, in functions and for types too."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            found |= {
                name if (name := f"{base}.{alias.name}") in TREES else base for alias in node.names
            }
    return found - {module}


IMPORTS = {module: imports_of(module) for module in TREES}


def inside(module: str, *folders: str) -> bool:
    """Tell whether a module is one of these or lies in one."""
    return any(module == folder or module.startswith(f"{folder}.") for folder in folders)


def below(*folders: str) -> list[str]:
    return [m for m in TREES if inside(m, *(f"tokensim_gui.{folder}" for folder in folders))]


def wing(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def importers(modules: list[str], *forbidden: str) -> list[str]:
    """List which of ``modules`` import what is forbidden, and what."""
    return [
        f"{module} imports {name}"
        for module in modules
        for name in sorted(IMPORTS[module])
        if inside(name, *forbidden)
    ]


def circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_the_root_holds_the_wings_and_nothing_else() -> None:
    there = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py"}
    there |= {p.name for p in PACKAGE.iterdir() if any(p.glob("**/*.py"))}
    assert there == {"__init__", "__main__", "log", *WINGS}


def test_imports_run_one_way_between_the_wings() -> None:
    back = [
        f"{module} imports {name}"
        for module in below(*WINGS)
        for name in sorted(IMPORTS[module] & set(TREES) - EVERYWHERE)
        if wing(name) not in WINGS[WINGS.index(wing(module)) :]
    ]
    assert not back


def test_imports_run_one_way_between_the_folders_of_the_core() -> None:
    folders: dict[str, set[str]] = defaultdict(set)
    for module in below("core"):
        place = module.split(".")[2:3]
        for name in IMPORTS[module] & set(below("core")):
            folders[".".join(place)].add(name.split(".")[2])
    assert not circle({folder: others - {folder} for folder, others in folders.items()})


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not circle({module: names & set(TREES) for module, names in IMPORTS.items()})


def test_no_two_modules_have_one_name() -> None:
    names = Counter(path_of(module).name for module in TREES)
    assert not [name for name, count in names.items() if count > 1 and name != "__init__.py"]


def test_imports_are_absolute() -> None:
    relative = [
        module
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def test_the_core_knows_no_qt() -> None:
    assert not importers(below("core"), "PySide6", "shiboken6")


def test_only_search_and_text_encoders_import_torch() -> None:
    others = set(TREES) - set(below(*TORCH_FOLDERS))
    assert not importers(sorted(others), "torch", "transformers")


def test_only_the_charts_import_pyqtgraph() -> None:
    assert not importers(sorted(set(TREES) - set(below("ui.charts"))), "pyqtgraph")


def test_widgets_know_neither_the_worker_nor_what_brings_torch() -> None:
    brings_torch = [
        module for module in below(*TORCH_FOLDERS) if importers([module], "torch", "transformers")
    ]
    assert brings_torch
    assert not importers(below("ui"), "tokensim_gui.jobs", "tokensim_gui.core.search")
    assert not importers(below("ui"), "torch", *brings_torch)


def public_widgets(module: str) -> list[str]:
    return [
        node.name
        for node in TREES[module].body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and any(
            re.fullmatch(r"Q\w*(Widget|Frame|Window|View|Label|Dialog)", ast.unparse(base))
            for base in node.bases
        )
    ]


def test_a_file_holds_one_public_widget() -> None:
    assert not [module for module in below("ui") if len(public_widgets(module)) > 1]


def test_only_the_page_composes_its_widgets() -> None:
    pages = [module for module in below("ui") if re.fullmatch(r".*\.(\w+_page)\.\1", module)]
    assert pages
    for page in pages:
        folder = [m for m in TREES if m != page and m.startswith(page.rpartition(".")[0] + ".")]
        parts = {name for m in folder if m in IMPORTS[page] for name in public_widgets(m)}
        assert parts & called(page), f"{page} composes nothing"
        assert not [f"{m} composes too" for m in folder if parts & called(m)]


def called(module: str) -> set[str]:
    return {ast.unparse(n.func) for n in ast.walk(TREES[module]) if isinstance(n, ast.Call)}


def test_a_file_is_one_subject() -> None:
    long = [module for module in TREES if len(lines(module)) > LONGEST_FILE]
    wide = [
        f"{module}.{node.name}"
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and sum(
            # Qt's own names, such as paintEvent, are no part of what a class offers.
            isinstance(method, ast.FunctionDef)
            and re.fullmatch("[a-z][a-z0-9_]*", method.name) is not None
            for method in node.body
        )
        > MOST_METHODS
    ]
    assert not long
    assert not wide


def lines(module: str) -> list[str]:
    return path_of(module).read_text("utf-8").splitlines()


def test_only_the_theme_names_a_colour_or_sets_a_style_sheet() -> None:
    styled = re.compile(r"setStyleSheet|[\"']#[0-9a-fA-F]{6}[\"']|Qt\.GlobalColor")
    assert not [
        f"{module}:{number}"
        for module in below("ui")
        if module != "tokensim_gui.ui.theme"
        for number, line in enumerate(lines(module), 1)
        if styled.search(line)
    ]


def test_the_app_starts_without_the_heavy_libraries() -> None:
    code = (
        f"import sys, tokensim_gui.app;print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_package_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    there = {module for module in TREES if path_of(module).name == "__init__.py"}
    assert there | {"tokensim_gui.resources"} == listed


NAMED = re.compile(r"`([\w./-]*\w(?:/|\.(?:py|md|toml|yml|mk|sh|txt)))`|\]\(([^)#:]+)(?:#[^)]*)?\)")
"""Files and folders that a document names in code marks, and targets of its links."""


def test_no_document_names_a_file_that_is_gone() -> None:
    folders = ("tokensim_gui", "tests", "docs", "packaging", "resources")
    there = {"/" + path.relative_to(ROOT).as_posix() for path in ROOT.iterdir()}
    for folder in folders:
        there |= {"/" + path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*")}
    gone = []
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(documents) > 3
    for document in documents:
        for code, link in NAMED.findall(document.read_text("utf-8")):
            name = code.strip("/")
            if link and not (document.parent / link).exists():
                gone.append(f"{document.name} links to {link}")
            elif code and not any(path.endswith(f"/{name}") for path in there):
                gone.append(f"{document.name} names {code}")
    assert not gone
