# Every target sets up what it needs in .venv; nothing has to be installed by hand but Python >= 3.11.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check bench clean

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $@

demo: $(STAMP)  ## analyse NHEFS with the built-in expert and write the report
	$(BIN)/ccp analyze dataset:nhefs --memory ccp-report/demo/memory.duckdb -o ccp-report/demo/nhefs-$$(date +%Y%m%d-%H%M%S)

test: $(STAMP)  ## every test; needs neither key nor network
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(STAMP)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)  ## speed and accuracy tables
	for f in $$(ls tests/benchmarks/*.py | grep -v __init__); do \
		echo "== $$f"; $(BIN)/python -m tests.benchmarks.$$(basename $$f .py) || exit 1; done

clean:
	rm -rf $(VENV) ccp-report .mypy_cache .ruff_cache .pytest_cache
