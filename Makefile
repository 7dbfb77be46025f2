# Everything that a developer or a first-time user types. `make` alone lists it.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Which tests: the quick ones; `make check TESTS="not soak"` adds the slow ones, as CI does.
TESTS ?= not slow and not soak
# Worker processes of pytest; 0 runs everything in one.
JOBS ?= auto
# The first Python that is new enough; `make PYTHON=... demo` names another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help demo test check fmt bench soak

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /:/' | while IFS=: read -r name text; do \
		printf '  make %-6s %s\n' "$$name" "$$text"; done

demo: $(VENV)/.installed ## Install, run the bundled study, and show an edited result being refused
	@sh examples/demo.sh $(BIN)

test: $(VENV)/.installed-dev ## Run the quick tests
	@$(BIN)/python -m pytest -m "$(TESTS)" -n $(JOBS)

check: $(VENV)/.installed-dev ## Format, lint, types and tests: what must hold before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "$(TESTS)" -n $(JOBS)

fmt: $(VENV)/.installed-dev ## Format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev ## Measure speed and calibration, paired with peers
	@found=0; for f in benchmarks/bench_*.py; do [ -e "$$f" ] || continue; found=1; \
		echo "== $$f"; $(BIN)/python "$$f" || exit 1; done; [ $$found = 1 ] || { echo "no benchmarks"; exit 1; }

soak: $(VENV)/.installed-dev ## The long tests and benchmarks: minutes to hours
	$(BIN)/python -m pytest -m soak
	$(BIN)/python benchmarks/bench_aa.py --studies 400

# A stamp per kind of installation: installed again only when pyproject.toml has changed.
$(VENV)/.installed: pyproject.toml
	@$(call install,.)

$(VENV)/.installed-dev: pyproject.toml
	@$(call install,.[dev])
	@touch $(VENV)/.installed

define install
	if [ -z "$(PYTHON)" ]; then echo "No Python 3.11 or newer on PATH; name one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; fi; \
	if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$(PYTHON) lacks venv or ensurepip. On Debian or Ubuntu: apt install python3-venv; or name another:"; \
		echo "  make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; fi; \
	echo "Installing $(1) into $(VENV) ($$("$(PYTHON)" --version); the packages come from pip's cache or the network) ..."; \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear $(VENV) || exit 1; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(1)' || { \
		echo "pip could not install: its last lines above say why. Without a network: PIP_FIND_LINKS=/folder/of/wheels PIP_NO_INDEX=1"; exit 1; }; \
	touch $@
endef
