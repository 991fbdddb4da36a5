# All that a developer does. The README's two commands are `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/hendrix/server/static/index.html
export PATH := $(CURDIR)/$(BIN):$(PATH)
export RAY_USAGE_STATS_ENABLED := 0

.PHONY: demo test test-fast lint types imports portal portal-check setup lock schema bench torch up clean help

help:
	@echo "make demo | test | test-fast | lint | types | imports | portal | portal-check | up | bench | lock | clean"

demo: $(VENV)/.demo portal
	$(BIN)/hendrix demo

test: setup portal portal-check lint types imports
	$(BIN)/python -m pytest

test-fast: setup
	$(BIN)/python -m pytest -m "not slow and not browser"

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

setup: $(VENV)/.dev

portal: $(STATIC)

# Types, lint and unit tests of the portal.
portal-check: $(STATIC)
	cd portal && { test -d node_modules || npm ci --no-audit --no-fund --loglevel=error; } && npm run check

up: $(VENV)/.dev portal
	$(BIN)/hendrix up

# uv comes from the package index when the machine has none.
$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.demo: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	touch $@

$(STATIC): $(shell find portal/src portal/public portal/index.html portal/package.json portal/package-lock.json portal/vite.config.ts 2>/dev/null) | $(VENV)/.demo
	cd portal && npm ci --no-audit --no-fund --loglevel=error && npm run build

# Versions are locked without the index that they came from.
lock: | $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra all --group dev --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --upgrade pyproject.toml -o requirements.lock

schema: setup
	$(BIN)/python -m hendrix.server.schema src/hendrix/server/openapi.json
	cd portal && npm run types

# The CPU build of torch, where one lies beside the index; any other version pulls gigabytes of CUDA.
torch: setup
	UV_FIND_LINKS="$$PIP_FIND_LINKS" $(BIN)/uv pip install --python $(BIN)/python torch==2.13.0

bench: setup
	for script in benchmarks/*.py; do $(BIN)/python $$script --quick || exit 1; done

clean:
	rm -rf $(VENV) portal/node_modules src/hendrix/server/static .mypy_cache .ruff_cache
