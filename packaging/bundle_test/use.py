"""What a person does with TokenSim, and what must come of it."""

import json
import struct
import subprocess
import time
from typing import Final

import numpy as np
from desktop import Person, Place, Running, said, wait_for
from PySide6.QtGui import QGuiApplication, QImage

QUERY: Final = "sunset"
NEIGHBOURS: Final = {"sunsets", "sunrise", "dusk"}
WINDOW_S: Final = 1.5
RESULT_S: Final = 4.0
STARTS: Final = 3
# Whole when it is there.
OPENER: Final = b'#!/bin/sh\nenv > "$HOME/part"; mv "$HOME/part" "$HOME/env"\n'
MAP: Final = (0.45, 0.25, 0.55, 0.33)  # left, top, width, height in the window
FEWEST_PIXELS: Final = 300
ROWS, DIM = 49_408, 64


def require(holds: object, complaint: str) -> None:
    """End the test with ``complaint`` unless something holds."""
    if not holds:
        raise SystemExit(complaint)


def command_line(place: Place) -> None:
    """`tokensim search` and the version, in a terminal."""
    with Person(place, 64101) as person:
        require(said(*person.command("--version")).startswith("TokenSim "), "no version is said")
        found = json.loads(said(*person.command("search", QUERY, "--json")))
        texts = {result["text"] for result in found["results"]}
        require(texts >= NEIGHBOURS, f"search finds {texts}")
        wrong = subprocess.run(person.command("search", "("), capture_output=True, check=False)
        require(wrong.returncode == 2, "a wrong query does not end with 2")


def window(place: Place, application: QGuiApplication) -> None:
    """Start, search, look at the map, copy, close; measured once the disk's cache is warm."""
    with Person(place, 64101) as person:
        Running(person).close()
    windows_s, results_s = [], []
    for _ in range(STARTS):  # a busy machine slows one start, not each
        with Person(place, 64101) as person:
            running = Running(person)
            results_s.append(first_result_s(running))
            windows_s.append(running.window_s)
            running.close()
    print(f"    window after {min(windows_s):.2f} s (bound {WINDOW_S}), of {STARTS} starts")
    print(f"    first result copied after {min(results_s):.2f} s (bound {RESULT_S})")
    require(min(windows_s) <= WINDOW_S, "the window comes too late")
    require(min(results_s) <= RESULT_S, "the first result comes too late")
    with Person(place, 64102) as person:
        running = Running(person)
        first_result_s(running)
        first = picture(running, application)
        require(dots(first) > FEWEST_PIXELS, "the map is empty")
        running.press("ctrl+l", "ctrl+a")
        running.type("cat")
        wait_for(lambda: changed(running, application, first), "another map")
        running.close()
        strays = person.strays()
        require(not strays, f"written outside TokenSim's folders: {strays}")


def first_result_s(running: Running) -> float:
    """Type a query, wait until a neighbour can be copied, and say how long all that took."""
    running.type(QUERY)
    wait_for(lambda: {running.copied()} & NEIGHBOURS, f"a neighbour of {QUERY}")
    return time.monotonic() - running.began


def checkpoint(place: Place) -> None:
    """A checkpoint named on the command line is imported by a child process, and shown."""
    with Person(place, 64103) as person:
        running = Running(person, person.give("little.safetensors", little_clip()))

        def imported() -> list[str]:
            tables = json.loads(said(*person.command("tables", "--json")))["tables"]
            return [table["slug"] for table in tables if table["dim"] == DIM]

        slug = wait_for(imported, "a table out of the checkpoint").pop()
        settings = person.home / ".config/tokensim/settings.json"

        def shown() -> bool:
            text = settings.read_text("utf-8") if settings.exists() else "{}"
            return bool(json.loads(text).get("table") == slug)

        wait_for(shown, "the imported table in the window")
        running.close()
        strays = person.strays()
        require(not strays, f"written outside TokenSim's folders: {strays}")


def others_programs(place: Place) -> None:
    """A file manager that TokenSim starts gets the system's libraries, not those of the bundle."""
    with Person(place, 64108) as person:
        person.give("bin/xdg-open", OPENER)
        running = Running(person)
        running.press("alt+h", "l")  # Help → Open log folder
        told = person.home / "env"
        wait_for(told.exists, "a file manager")
        found = told.read_text("utf-8")
        running.close()
        for name in ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH"):
            require(f"{name}=" not in found, f"a file manager is started with {name}")


def two_people(place: Place) -> None:
    """Two users at once, each with a home, and neither may write where TokenSim is installed."""
    with Person(place, 64104) as one, Person(place, 64105) as other:
        all_running = [Running(person) for person in (one, other)]
        for running in all_running:
            running.close()


def little_clip() -> bytes:
    """A checkpoint with CLIP's rows, and few columns: a safetensors file made by hand."""
    vectors = np.random.default_rng(1).standard_normal((ROWS, DIM), np.float32).astype("<f2")
    key = "text_model.embeddings.token_embedding.weight"
    entry = {"dtype": "F16", "shape": [ROWS, DIM], "data_offsets": [0, vectors.nbytes]}
    header = json.dumps({key: entry}).encode()
    return struct.pack("<Q", len(header)) + header + vectors.tobytes()


def picture(running: Running, application: QGuiApplication) -> QImage:
    """The map, cut out of the window."""
    shot = application.primaryScreen().grabWindow(int(running.window)).toImage()
    left, top, width, height = MAP
    w, h = shot.width(), shot.height()
    return shot.copy(int(left * w), int(top * h), int(width * w), int(height * h))


def changed(running: Running, application: QGuiApplication, before: QImage) -> QImage | None:
    """The map as soon as it is another one, past the keys between, whose maps are dimmed."""
    now = picture(running, application)
    return now if now != before and dots(now) > FEWEST_PIXELS else None


def dots(image: QImage) -> int:
    """Pixels that are clearly blue, as the tokens on the map are."""
    pixels = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8)
    blue, red = (pixels[channel::4].astype(int) for channel in (0, 2))
    return int(np.count_nonzero(blue > red + 60))
