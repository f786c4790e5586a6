# The commands a person types. Each sets up what it needs: a virtual environment in .venv, from the lock file.
#
#   make run      the whole thing on one machine, with a made-up county     (ONCE=1 make run ends after printing)
#   make test     every test                                                (make test ARGS="tests/unit -k calendar")
#   make test-fast  scenarios, laws and what needs no process and no server: under a minute
#   make stack    Kafka, PostgreSQL and the workers on this machine, in .stack/   (make stack EACH=2; needs Java, Maven,
#                 PostgreSQL); `make stack-stop` ends them, `make stack-status` says what runs
#   make lint     style, types, and which module may import which
#   make fmt      lays the code out, and mends what can be mended without thinking
#   make docs     the documents as a site, in .site/; a dead link fails
#   make lock     writes the lock files anew from pyproject.toml, keeping what is pinned (needs uv)
#   make bench    how fast, beside DuckDB                                   (make bench ARGS="...")
#   make bench-machines  how fast the workers are, on a real broker and PostgreSQL, beside Quix Streams
#   make chaos    kills broker, database and workers at random, and compares (make chaos ARGS="--seed 7"; docs/chaos.md)
#   make fuzz     10,000 spoilt files of each kind, each read twice; what is lost is said  (make fuzz ARGS="--files 300")
#   make wheel    the package as a wheel, in dist/
#   make sbom     what a release is made of, with licences: dist/caseclock.cdx.json (CycloneDX)
#   make audit    whether anything known is wrong with what is locked (asks PyPI's advisories)
#   make clean    takes away .venv, the site and the wheel

SHELL := bash
MAKEFLAGS += --no-print-directory
# Another environment, of another Python: make test-fast VENV=.venv-newest PYTHON=python3.13
VENV ?= .venv
PYTHON ?=
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
ARGS ?=

EACH ?= 1
COMPILE := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test test-fast stack stack-stop stack-status lint fmt docs lock wheel sbom audit bench bench-machines chaos fuzz clean

help:
	@sed -n 's/^#   make/make/p; s/^#      /     /p' Makefile

run: $(VENV)/run.stamp
	@exec $(BIN)/caseclock run $(ARGS)

test: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -n auto $(ARGS)

test-fast: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -n 2 tests/scenarios tests/laws tests/unit $(ARGS)

stack: $(VENV)/stream.stamp
	@exec $(BIN)/python -m deploy.stack start --each $(EACH)

stack-stop:
	@exec $(BIN)/python -m deploy.stack stop

stack-status:
	@$(BIN)/python -m deploy.stack status || true

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fmt: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/docs.stamp
	$(BIN)/mkdocs build --strict
	@echo "The site is .site/index.html"

lock:
	$(COMPILE) --all-extras --group dev --group bench --group docs --group build --output-file requirements.lock
	$(COMPILE) --extra stream --group bench-machines --group build --output-file requirements-bench.lock

wheel: $(VENV)/run.stamp
	$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

sbom: $(VENV)/run.stamp
	@mkdir -p dist
	@$(BIN)/python deploy/sbom.py >dist/caseclock.cdx.json && echo "dist/caseclock.cdx.json"

audit: $(VENV)/made.stamp
	@test -x $(VENV)-audit/bin/pip-audit || \
	  { $(BIN)/python -m venv $(VENV)-audit && $(VENV)-audit/bin/python -m pip install --quiet pip-audit; }
	@$(VENV)-audit/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict --progress-spinner off

bench: $(VENV)/dev.stamp
	@exec $(BIN)/python -m benchmarks $(ARGS)

bench-machines: $(VENV)/bench.stamp
	@exec $(BIN)/python -m benchmarks.machines $(ARGS)

chaos: $(VENV)/dev.stamp
	@exec $(BIN)/python -m tests.chaos --out .chaos $(ARGS)

fuzz: $(VENV)/dev.stamp
	@exec $(BIN)/python -m tests.fuzz $(ARGS)

clean:
	rm -rf .venv .venv-audit .venv-newest .site dist

# A stamp is written last, so that a set-up that was cut off is begun again.
# A command called python3.11 may be there and not work (version managers put one in the way), so it is tried.
$(VENV)/made.stamp:
	@for python in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Setting up $(VENV) with $$($$python --version) (once)"; \
	    $$python -m venv $(VENV) && touch $@ && exit 0; \
	    echo "$$python cannot make a virtual environment. Debian, Ubuntu: apt install $$python-venv; then again." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "caseclock needs Python 3.11 or newer; here is $$(python3 --version 2>&1 || echo none)." >&2; \
	echo "Debian, Ubuntu: apt install python3.11 python3.11-venv; then again." >&2; \
	exit 1

$(VENV)/run.stamp: $(VENV)/made.stamp requirements.lock deploy/locked.py pyproject.toml
	@echo "Installing what caseclock runs on, as locked"
	@$(BIN)/python deploy/locked.py build >$(VENV)/wanted.lock && $(INSTALL) -r $(VENV)/wanted.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/stream.stamp: $(VENV)/run.stamp
	@echo "Installing what speaks to Kafka, as locked"
	@$(BIN)/python deploy/locked.py stream >$(VENV)/wanted.lock && $(INSTALL) -r $(VENV)/wanted.lock
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "Installing what tests it, as locked"
	@$(BIN)/python deploy/locked.py stream notify pack dev bench >$(VENV)/wanted.lock && $(INSTALL) -r $(VENV)/wanted.lock
	@touch $@

$(VENV)/docs.stamp: $(VENV)/made.stamp requirements.lock deploy/locked.py
	@echo "Installing what makes the site, as locked"
	@$(BIN)/python deploy/locked.py --alone docs >$(VENV)/wanted.lock && $(INSTALL) -r $(VENV)/wanted.lock
	@touch $@

# Quix Streams asks for other versions than we do, so it has an environment and a lock of its own.
$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements-bench.lock
	@echo "Installing what it is compared with, as locked"
	@$(BIN)/python -m venv $(VENV)/quix
	@$(VENV)/quix/bin/python -m pip --disable-pip-version-check --no-input install --quiet -r requirements-bench.lock
	@$(VENV)/quix/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
