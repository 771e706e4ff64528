# `make` alone lists what there is. Needs Python >= 3.11 and make; the rest is set up below .venv, .tools and the user's cache.
.DEFAULT_GOAL := help
.PHONY: help demo up down setup environment test soak check format docs coverage mutants bench-approvals clean

# The first Python on PATH that is new enough; name another with `make PYTHON=...`.
ifndef PYTHON
PYTHON := $(or $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done),python3)
endif
OLD = Python 3.11 or newer is needed, and $(PYTHON) is older. Name another: make PYTHON=/path/to/python3.12 ...
SET_UP = $(PYTHON) -c 'import sys; sys.version_info < (3, 11) and (sys.stderr.write("$(OLD)\n"), sys.exit(69))' && $(PYTHON) -m tools.bootstrap
RUN := .venv/bin

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' Makefile | expand -t 28

demo: ## set everything up and play real grants into var/demo, on a real Temporal server
	@$(SET_UP) server
	@$(RUN)/grants demo

up: ## start server and worker over GRANTS_HOME (default var) and leave them running
	@$(SET_UP) server
	@$(RUN)/grants up --detach

down: ## end what `make up` started
	@if [ -x $(RUN)/grants ]; then $(RUN)/grants down; else echo "Nothing is set up here, so nothing is up."; fi

setup: ## set everything up, the tests' foreign judges too where Java and Maven are
	@$(SET_UP) judges

environment: # .venv alone
	@$(SET_UP) environment

test: ## set everything up and run all tests, with their times by part
	@$(SET_UP) judges
	@$(RUN)/python -m tools.run_tests

soak: ## ten thousand messages, a third of them bad, while workers are killed; then thousands of lives of the approval chain; half an hour
	@$(SET_UP) server
	@$(RUN)/python -m tests.soak $(ARGS)
	GRANTS_LIVES=4000 $(RUN)/python -m pytest -q tests/activities/test_authority_machine.py

check: environment ## format, lint, types, who imports whom, dependencies
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/deptry .

format: environment ## write the code as the formatter has it
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

docs: environment ## write docs/commands.md, events.md, refusals.md and pictures.md with its images from the code
	$(RUN)/python -m tools.vocabulary
	$(RUN)/python -m tools.pictures

coverage: environment ## which lines of the rules and the record their tests reach
	$(RUN)/coverage run -m pytest -q tests/domain tests/store
	$(RUN)/coverage report

mutants: environment ## change the rules of approvals one place at a time: which changes do their specs notice? (ARGS=--record keeps it)
	$(RUN)/python -m tools.mutants $(ARGS)

bench-approvals: ## an approver's round trip beside a bare Temporal update, some eight minutes (ARGS=--record keeps it)
	@$(SET_UP) server
	$(RUN)/python -m bench.approvals $(ARGS)

clean: ## remove all that was set up or built here; var, your records, stays
	rm -rf .venv .tools dist .coverage .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
