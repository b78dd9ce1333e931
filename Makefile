# CI calls the same targets and holds no logic of its own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Test processes beside each other; most tests wait for servers rather than for a core.
WORKERS ?= 2
# One thread a process: two numeric pools beside each other on few cores spend their time spinning.
TEST_ENV := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE

.PHONY: help setup console demo dev check lint types contracts sizes client client-update test e2e bench docs clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints/ci.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	VISIONLOOP_SKIP_CONSOLE=1 $(BIN)/pip install --quiet --disable-pip-version-check -c constraints/ci.txt -e '.[train,dev]'
	touch $@

setup: $(STAMP) console ## Create the environment and install everything

console: $(STAMP) ## Build the console, if its sources changed
	@$(BIN)/python tools/build_console.py

demo: setup ## Run the whole loop on rendered images and stay up
	$(BIN)/visionloop demo

dev: setup ## Start the control plane for development
	$(BIN)/visionloop up

check: setup lint types contracts sizes client ## Everything that can be checked without running it

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

sizes: $(STAMP)
	$(BIN)/python tools/check_sizes.py

client: console
	$(BIN)/python tools/check_client.py

client-update: console ## Generate the console's client from the API
	$(BIN)/python tools/check_client.py --update

test: setup ## Run every test that this machine can run
	$(TEST_ENV) $(BIN)/python -m pytest -rs -n $(WORKERS) --dist loadfile

e2e: setup ## Run the browser tests only
	$(TEST_ENV) $(BIN)/python -m pytest -rs -m browser

bench: setup ## Print the figures that the documents quote
	$(BIN)/python -m bench

docs: setup ## Check that the documents are complete
	$(BIN)/python -m pytest tests/docs

clean: ## Remove the environment and everything built
	rm -rf $(VENV) src/visionloop/api/static web/node_modules
