# Everything a person does with a checkout. `make` alone lists it.
#
# Each target makes what it needs first: on a bare Debian (root, Python 3.11) that is a virtual environment,
# a few Debian packages and a private Asterisk, all kept in .venv and .cache, which git ignores.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PYTHONASYNCIODEBUG

.DEFAULT_GOAL := help
.PHONY: help run test check unit telephony bench lock clean
# Two targets that both run Asterisk and phones would disturb each other's measurements.
.NOTPARALLEL:

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: $(VENV)/.ready ## a call centre in a box: Asterisk, phones in live calls, the controller; Ctrl-C ends it
	@$(BIN)/supervise lab run

test: check unit telephony ## all that CI runs

check: $(VENV)/.ready ## lint, format, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: PYTHONASYNCIODEBUG := 1
unit: $(VENV)/.ready ## the tests that need nothing but Python
	$(BIN)/pytest -m unit

telephony: $(VENV)/.ready ## the tests with a real Asterisk, real phones and real RTP
	$(BIN)/supervise lab setup
	$(BIN)/pytest -m telephony

bench: $(VENV)/.ready ## measure beside ChanSpy on the same Asterisk; prints a table, writes build/bench.json
	@$(BIN)/supervise lab bench

lock: $(VENV)/.ready ## choose the newest allowed versions again and write them with their hashes to .locks
	$(BIN)/pip install --quiet uv
	$(call compile,--extra lab,runtime)
	$(call compile,--extra lab --extra test,development)

clean: ## remove what the other targets made
	rm -rf $(VENV) .cache build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info

# No index address may enter the lock: it names versions and hashes, the reader's own pip knows where to look.
compile = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links $(1) pyproject.toml -o .locks/$(2).txt

$(VENV)/.ready: .locks/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "supervise needs Python 3.11 or later; say which with: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { apt-get update -qq && apt-get install -qy python3-venv; }
	@echo "Setting up the Python environment (about a minute the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .locks/development.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>/dev/null || \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
