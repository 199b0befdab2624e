# secretgen: `make render` and `make test` set up all they need on a fresh machine.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DOCS   := $(VENV)/.docs-installed

.PHONY: setup render check test slow coverage compat acceptance lint bench docs clean
.DEFAULT_GOAL := render

# Images of containers often forbid it: each process would then compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

setup: $(STAMP)

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q secretgen
	@touch $@

# Nothing is deployed from this repository, so deleted environments are rendered again.
render: $(STAMP)
	@$(BIN)/python -m tests.module.sums
	@test -d environments/production || $(BIN)/python -m tests.render_everything >/dev/null
	@$(BIN)/secretgen render

check: $(STAMP)
	@$(BIN)/secretgen check

test: $(STAMP)
	@$(BIN)/python -m pytest -n auto

# The slow tests alone, and the seconds of the twenty slowest.
slow: $(STAMP)
	@$(BIN)/python -m pytest -n auto -m slow --durations=20

coverage: $(STAMP)
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term

compat: $(STAMP)
	@SECRETGEN_COMPAT=1 $(BIN)/python -m pytest tests/compat

# In a real AWS account: docs/acceptance.md. Nothing runs unless ARGS or the environment name one.
acceptance: $(STAMP)
	@$(BIN)/python -m tests.acceptance $(ARGS)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: $(STAMP)
	@$(BIN)/python -m compileall -q secretgen
	@$(BIN)/python -m tests.bench --write docs

docs: $(DOCS)
	@$(BIN)/python -m tests.docs.generate
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

$(DOCS): $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

clean:
	@rm -rf $(VENV) build dist site .coverage .mypy_cache .ruff_cache .pytest_cache
