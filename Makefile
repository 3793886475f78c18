# make demo    the whole chain on a simulated district, then the report
# make test    all tests, the installed command included
# make lint    ruff, mypy, import-linter
# make bench   the figures that we claim, measured
# make docs    the command reference, written from the help texts
# make clean   removes what these made

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

.PHONY: demo test lint format bench docs clean

demo: $(VENV)/runtime-installed
	$(BIN)/pantau demo -o demo

test: $(VENV)/dev-installed
	$(BIN)/python -m pytest

lint: $(VENV)/dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev-installed
	$(BIN)/python -m tests.benchmarks

docs: $(VENV)/dev-installed
	$(BIN)/python docs/write_command_reference.py

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime-installed: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --editable .
	$(BIN)/python -c "import pathlib; pathlib.Path('$@').touch()"

$(VENV)/dev-installed: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --editable '.[dev,terrain,align]'
	$(BIN)/python -c "import pathlib; [pathlib.Path('$(VENV)', n).touch() for n in ('runtime-installed', 'dev-installed')]"

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
