# `make help` lists the targets. Everything runs from .venv, which is made from requirements/lock.txt.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# An inherited PYTHONDONTWRITEBYTECODE triples the start-up of Great Expectations and Dagster.
unexport PYTHONDONTWRITEBYTECODE
# Some tests wait for a daemon: a worker more than there are cores works meanwhile.
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")
LOCKING := --python-version 3.11 --universal --generate-hashes --quiet --upgrade
SOURCES := schema_matching_pipeline schema_matching_pipeline_tests bench

.DEFAULT_GOAL := help
.PHONY: help install install-ibis demo test fuzz check bench-profile format-check lint types architecture fix docs lock lock-ibis clean

help:            ## List the targets
	@grep -E '^[a-z-]+: *.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

install: .venv/installed ## Create .venv from the lock file

.venv/installed: requirements/lock.txt requirements/installer.txt pyproject.toml setup.py
	@echo "Installing what requirements/lock.txt names into .venv; a minute or so ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements/lock.txt requirements/installer.txt
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install-ibis: .venv/ibis ## Add Ibis and PySpark (440 MB) to .venv; Spark needs Java

.venv/ibis: .venv/installed requirements/ibis.txt
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes --compile-bytecode -r requirements/ibis.txt
	@touch $@

demo: install    ## Onboard three made-up clients end to end
	$(BIN)/smp demo

test: install    ## Run the test suite, one worker more than cores; each file stays in one worker
	$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(COVERAGE)

fuzz: install    ## Ask every route of the REST interface for EXAMPLES= drawn requests, new ones every time
	SMP_FUZZ_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/pytest -n $(WORKERS) schema_matching_pipeline_tests/entrances/api/test_fuzz.py

# The first tests wait for a daemon now and then: types are checked meanwhile.
check: install format-check lint architecture ## Everything CI runs
	$(MAKE) --jobs=2 types test COVERAGE="--cov --cov-report=term:skip-covered"

format-check: install
	$(BIN)/ruff format --check $(SOURCES)

lint: install
	$(BIN)/ruff check $(SOURCES)

types: install
	$(BIN)/mypy

architecture: install
	$(BIN)/lint-imports

fix: install     ## Format and apply safe lint fixes
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

docs: install    ## Write the pages that are made from the code
	$(BIN)/python -m schema_matching_pipeline_tests.architecture.pages

bench-profile: install ## Compare a full profile with what one would take instead; FOLDER= and RUNS= say where and how often
	$(BIN)/python -m bench.profile_speed $(or $(FOLDER),$(shell mktemp -d)) --runs $(or $(RUNS),5)

lock: install    ## Resolve the newest versions into the lock files
	$(BIN)/uv pip compile pyproject.toml --group dev --extra s3 --extra snowflake --extra bigquery --extra trino --extra bench $(LOCKING) --output-file requirements/lock.txt
	$(MAKE) lock-ibis

# What the extra adds, at the versions of the lock file.
lock-ibis: install
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['ibis'])" | \
	$(BIN)/uv pip compile - --constraint requirements/lock.txt $(LOCKING) --custom-compile-command "make lock" --output-file requirements/ibis.txt

clean:           ## Remove .venv and caches; keeps .smp
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info
