# Everything a person does with a checkout. `make` alone lists it.
#
# Each target makes what it needs first: on a bare Debian (root, Python 3.11) that is a virtual environment,
# a few Debian packages and a private Asterisk, all kept in .venv and .cache, which git ignores.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PAGE   := supervise/web/page
MODULES := $(PAGE)/node_modules/.package-lock.json
export PYTHONASYNCIODEBUG
# What has been compiled once is kept beside its source, whatever the machine says: the tests start Python hundreds of times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test check check-and-unit unit telephony browser steady harness harness-if-there bench page lock clean
# Release files of a mirror can be out of date, which is no reason to fail.
install = { apt-get update -qq -o Acquire::Check-Valid-Until=false && \
	DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(1); }
# Two targets that both run Asterisk and phones would disturb each other's measurements.
.NOTPARALLEL:

# These tests judge every 20 ms of sound, so a machine that stands still for a moment fails them.
judged = $(BIN)/pytest -p no:schemathesis -m $(1) $(2) || { echo "$(SECOND_LOOK)"; $(again) -m $(1); } || $(again) -m $(1)
again  = $(BIN)/pytest --last-failed --last-failed-no-failures none
# Where they all are (tests/conftest.py sees to it): to collect the others takes longer than many a test.
CALLS := tests/telephony tests/lab
# Where none is that does without them.
NO_CALLS := --ignore tests/telephony --ignore tests/browser
SECOND_LOOK := The tests that failed are run again, twice at most: what fails each time is a fault of the product.

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: $(VENV)/.ready page ## a call centre in a box: Asterisk, phones in live calls, the controller; Ctrl-C ends it
	@$(BIN)/supervise lab run

# Three scenarios stand for all; CI has played them already when it gets here, and says HARNESS= for none.
HARNESS ?= harness-if-there
THREE   := tests/scenarios/life.yaml tests/scenarios/two_leads.yaml tests/scenarios/dead_controller.yaml
test: check-and-unit browser $(HARNESS) telephony steady ## all that CI runs, in this order

# The unit tests wait for disks and for each other, and meanwhile the types are checked; what that says is printed after them.
check-and-unit: $(VENV)/.ready $(MODULES)
	@mkdir -p build
	@nice -n 19 $(MAKE) --no-print-directory check >build/check.txt 2>&1 & checking=$$!; \
	$(MAKE) --no-print-directory unit; tested=$$?; \
	wait $$checking; checked=$$?; cat build/check.txt; exit $$((tested + checked))

harness-if-there: $(VENV)/.ready
	@$(BIN)/supervise lab harness --if-there --scenarios "$(THREE)"

check: $(VENV)/.ready $(MODULES) ## lint, format, types, import contracts; the types of the pages too
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PAGE)/node_modules/.bin/tsc --project $(PAGE)

unit: PYTHONASYNCIODEBUG := 1
unit: $(VENV)/.ready ## the tests without Asterisk; the journal's run on SQLite and on a PostgreSQL of their own
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || $(call install,postgresql)
	$(BIN)/pytest -p no:schemathesis -n 4 --dist worksteal -m "unit or postgres" $(NO_CALLS)

telephony: $(VENV)/.ready ## the tests with a real Asterisk, real phones and real RTP, five tests at once
	$(BIN)/supervise lab setup
	$(call judged,telephony,$(CALLS) -n 5 --dist worksteal --durations 12)

browser: $(VENV)/.ready page ## the tests of the board in Debian's Chromium
	@test -x /usr/bin/chromium || $(call install,chromium fonts-inter)
	$(BIN)/supervise lab setup
	$(call judged,browser,tests/browser -n 2)

steady: $(VENV)/.ready ## the telephony tests that judge single frames, or moments a second apart; two at once
	$(BIN)/supervise lab setup
	$(call judged,steady,$(CALLS) -n 2 --maxschedchunk 1)

harness: $(VENV)/.ready $(if $(shell command -v npm),page) ## play scenarios in containers and write build/harness/report.html; SITUATIONS="g722 netem"
	@$(BIN)/supervise lab harness $(SITUATIONS) $(if $(SCENARIOS),--scenarios "$(SCENARIOS)")

bench: $(VENV)/.ready ## measure beside ChanSpy on the same Asterisk; prints a table, writes build/bench.json
	@$(BIN)/supervise lab bench

page: supervise/web/static/index.html ## bundle the board's pages, when their sources have changed

lock: $(VENV)/.ready ## choose the newest allowed versions again and write them with their hashes to .locks
	$(BIN)/pip install --quiet uv
	$(call compile,--extra lab --extra postgres,runtime)
	$(call compile,--extra lab --extra postgres --extra test,development)
	$(call compile,--extra postgres -c .locks/runtime.txt,controller)

clean: ## remove what the other targets made
	rm -rf $(VENV) .cache build supervise/web/static $(PAGE)/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info

# No index address may enter the lock: it names versions and hashes, the reader's own pip knows where to look.
compile = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links $(1) pyproject.toml -o .locks/$(2).txt

$(VENV)/.ready: .locks/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "supervise needs Python 3.11 or later; say which with: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	@echo "Setting up the Python environment (about a minute the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .locks/development.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>/dev/null || \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# What the browser gets. Its packages come from the reader's own npm; nothing of theirs is run while they are installed.
supervise/web/static/index.html: $(MODULES) $(shell find $(PAGE) -name node_modules -prune -o -type f -print)
	@cd $(PAGE) && node build.mjs

$(MODULES): $(PAGE)/package-lock.json $(PAGE)/package.json $(PAGE)/.npmrc
	@command -v npm >/dev/null || $(call install,nodejs npm)
	@cd $(PAGE) && npm ci --ignore-scripts --silent --no-fund --no-audit
	@touch $@
