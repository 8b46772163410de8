"""The command line where its input, output and arguments are not what they usually are."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import CommandLine
from tokensim_gui.core import paths

PROGRAM = [sys.executable, "-m", "tokensim_gui"]
TOKENIZER = str(paths.resource("starter/tokenizer.json"))


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run what a shell reads, with $T for the program."""
    whole = f'T="{" ".join(PROGRAM)}"; {command}'
    return subprocess.run(
        ["bash", "-c", whole], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    "arguments",
    ["tokens cat", "tokens cat --json", "tables", "import nosuch.ckpt --json-progress"],
)
def test_a_full_disk_behind_the_output_is_one_line(arguments: str) -> None:
    done = shell(f"$T {arguments} > /dev/full")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("tokensim: The answer can't be written: ")
    assert shell(f"$T {arguments} > /dev/full 2> /dev/full").returncode == 2


def test_a_closed_input_or_output_is_no_fault() -> None:
    assert shell(f"$T split {TOKENIZER} < /dev/null >&-").stderr == ""
    done = shell("$T look-up --follow <&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_no_json_string_is_answered_and_the_next_one_read() -> None:
    lines = shell(rf"printf 'x\n\xff\n[1]\n\"cat\"\n' | $T split {TOKENIZER}").stdout.splitlines()
    ready, *wrong, last = map(json.loads, lines)
    assert (ready, last) == ({}, [[2368, 0, 3]])
    assert len(wrong) == 3 and all(list(one) == ["error"] for one in wrong)


@pytest.mark.parametrize("command", ["prompt --file", "split", "export starter z.npy --ids"])
def test_a_pipe_is_refused_and_not_waited_for(pipe: Path, command: str) -> None:
    done = shell(f"$T {command} {pipe}")
    assert pipe.name in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_a_device_without_end_is_refused() -> None:
    """That of zeros, which took all memory."""
    done = shell("ulimit -v 8000000; $T split /dev/zero; $T rare --triggers 3 --not-in /dev/zero")
    assert "error" in json.loads(done.stdout)
    assert done.stderr == (
        "tokensim: /dev/zero can't be read: it is a pipe or a device, and no file.\n"
    )


def test_ctrl_c_amid_the_imports_is_no_traceback(tmp_path: Path) -> None:
    module = tmp_path / "numpy.py"  # imported early, and here for ever
    module.write_text("import sys, time\nprint('here', flush=True)\ntime.sleep(60)")
    process = subprocess.Popen(
        PROGRAM,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # As a terminal would start it, whoever started the tests.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT) and said == b""


@pytest.mark.parametrize("handler", ["None", "signal.SIG_IGN"])
def test_a_way_with_ctrl_c_that_is_not_pythons_is_left_alone(handler: str) -> None:
    """One that was set outside of Python is None; and only the main thread may set any."""
    code = (
        "import signal, sys, threading; import tokensim_gui.__main__ as program;"
        f"signal.getsignal = lambda _number: {handler}; sys.argv[1:] = ['--version'];"
        "thread = threading.Thread(target=program.main); thread.start(); thread.join()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("TokenSim") and done.stderr == ""


def test_a_file_whose_name_begins_with_a_minus_is_told_how_it_is_written(
    tokensim: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-x.npy").write_bytes(b"nothing")
    for command in ("import", "lora", "inversion", "split", "loras"):
        done = tokensim(command, "-x.npy")
        assert done.returncode == 2 and done.stderr.endswith("“-x.npy” is written “./-x.npy”\n")
    assert "written" not in tokensim("import", "./-x.npy").stderr


@pytest.mark.parametrize("command", ["import", "lora", "inversion", "split", "name starter"])
def test_an_empty_name_is_not_the_folder_that_one_is_in(
    tokensim: CommandLine, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = tokensim(*command.split(), "")
    assert done.returncode == 2 and done.stderr.endswith("this one is empty\n")


def test_a_text_without_quotes_or_an_option_that_there_is_not_is_told_so(
    tokensim: CommandLine,
) -> None:
    assert "“girl” is left over" in tokensim("search", "cute", "girl").stderr
    assert "there is no option --filter" in tokensim("tokens", "--filter", "a", "cat").stderr
    assert "there is no option --bogus" in tokensim("search", "cat", "--bogus").stderr
    for options in (("-n2",), ("-n", "2"), ("--js",), ("-n2", "--js")):
        before, after = (
            tokensim("search", *words) for words in ((*options, "cat"), ("cat", *options))
        )
        assert before.returncode == 0 and before.stdout.count("cat") == after.stdout.count("cat")


def test_a_folder_that_there_is_not_holds_no_loras_silently(
    tokensim: CommandLine, tmp_path: Path
) -> None:
    done = tokensim("loras", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("odd", ["x" * 5_000, "a\nb", "‮abc"])
def test_a_complaint_is_one_short_line_whatever_it_quotes(tokensim: CommandLine, odd: str) -> None:
    for arguments in (["search", "cat", "--table", odd], ["import", odd], ["tables", odd]):
        done = tokensim(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert len(done.stderr) < 1_000 and "‮" not in done.stderr
