# Rongqiao: everything a developer or operator types. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .tools/bin/uv
PYTHON := .venv/bin/python
RASA_PYTHON := nlu/rasa/.venv/bin/python

# Stamps: younger than the lock file they belong to = nothing to do.
TOOLS_READY := .tools/.ready-$(UV_VERSION)
SERVICE_READY := .venv/.ready
RASA_READY := nlu/rasa/.venv/.ready

# An environment that happens to be active must not be taken for ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PROJECT_ENVIRONMENT UV_PYTHON

.PHONY: help setup run test browser lint format bench model nlu-report

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SERVICE_READY) $(RASA_READY) model ## both environments from their lock files, and the NLU model

run: setup ## set-up, then the whole service on embedded parts; Ctrl-C ends it
	@exec $(PYTHON) run.py all

test: setup browser ## set-up, then every test
	@echo "→ tests of the service"
	@$(PYTHON) -m pytest
	@echo "→ tests of the Rasa components"
	@cd nlu/rasa && .venv/bin/python -m pytest tests

lint: $(SERVICE_READY) $(RASA_READY) ## ruff, mypy --strict, import contracts
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@cd nlu/rasa && .venv/bin/mypy
	@.venv/bin/lint-imports

format: $(SERVICE_READY) ## put the sources into the house's form
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: setup ## print the figures of every benchmark
	@$(UV) sync --locked --no-python-downloads --group bench --inexact
	@for name in match_catalogue find_audience swap_index import_companies score_companies understanding callbacks; do echo "→ bench.$$name"; $(PYTHON) -m "bench.$$name"; done

nlu-report: setup ## how well the model reads the sealed set; ARGS=--dev: the development set
	@$(PYTHON) run.py nlu report $(ARGS)

model: $(SERVICE_READY) $(RASA_READY)
	@$(PYTHON) -m nlu.training

browser:
	@scripts/install_browser.sh

$(TOOLS_READY):
	@echo "→ uv $(UV_VERSION) into .tools"
	@python=$$(scripts/find_python.sh 3.11 3.12 3.13) || { \
		echo "Python 3.11 or newer is needed; on Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; }; \
	rm -rf .tools && "$$python" -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(SERVICE_READY): $(TOOLS_READY) pyproject.toml uv.lock
	@echo "→ the service's environment into .venv"
	@python=$$(scripts/find_python.sh 3.11 3.12 3.13) && \
	$(UV) sync --locked --no-python-downloads --python "$$python"
	@touch $@

$(RASA_READY): $(TOOLS_READY) nlu/rasa/pyproject.toml nlu/rasa/uv.lock
	@echo "→ Rasa's environment into nlu/rasa/.venv (about 2.5 GB)"
	@python=$$(scripts/find_python.sh 3.10 || scripts/fetch_python310.sh $(UV)) && \
	$(UV) sync --locked --no-python-downloads --python "$$python" --project nlu/rasa
	@touch $@
