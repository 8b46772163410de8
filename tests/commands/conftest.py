"""Tests of the command line call it in this process: a new one takes seconds for its imports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from tokensim_gui.commands import main


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


CommandLine: TypeAlias = Callable[..., Done]


@pytest.fixture
def tokensim(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """``tokensim ARGUMENTS``."""

    def run(*arguments: str) -> Done:
        try:
            code = main.run(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return Done(code, *capsys.readouterr())

    return run
