# Guantong: everything runs in .venv, which is made when it is missing.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv/.peers
BENCH ?= usual
MEASURED := .benchmarks/measured.json
JOBS ?= 2
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench guarantee clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## compare the ways of governing, with default settings; more with ARGS="..."
	@$(BIN)/guantong compare $(ARGS)

test: $(READY) ## run the tests, JOBS at a time
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: $(READY) ## check style, format and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo

bench: $(READY) $(PEERS) ## measure speed and write docs/benchmarks.md; BENCH=quick or long for less or more
	@mkdir -p $(dir $(MEASURED))
	@BENCH=$(BENCH) $(BIN)/python -m pytest tests/test_benchmarks.py -m benchmark --benchmark-only -q -p no:xdist \
		--benchmark-columns=median,iqr,rounds --benchmark-json=$(MEASURED) $(ARGS)
	@$(BIN)/python -m experiments.bench.page $(MEASURED)

guarantee: $(READY) ## run the long forms of the checks that the results rest on
	@$(BIN)/python -m pytest -q -m slow -n $(JOBS)
	@$(BIN)/python -m experiments.guarantee $(ARGS)

clean: ## remove what builds and checks leave behind; keep .venv and results
	@rm -rf build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks
	@find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

$(BIN)/python:
	@echo "Making .venv"
	@$(PYTHON) -m venv --clear .venv

# Renewed when what is to be installed changes. uv is quicker; pip does where uv can't.
$(READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Guantong and its tools into .venv"
	@{ $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt uv \
		&& $(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[dev]'; } \
	|| { echo "uv could not; using pip"; \
		$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'; }
	@touch $@

# Other engines, to be measured beside; where they can't be had their rows say so.
$(PEERS): $(READY)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]' \
		|| echo "Ciw and cimba could not be installed; their rows will say so"
	@touch $@
