# Two commands matter: `make demo` and `make test`. python3 and make are enough.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
SOURCE  = $(shell find src -type f -not -name '*.pyc')
export UV_PYTHON_DOWNLOADS = never
unexport VIRTUAL_ENV

.PHONY: demo test lint bench soak mutants lock clean

demo: $(VENV)/.demo
	$(BIN)/ombud demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# Ten thousand random databases, each with a person erased from it. Takes a while; the result is kept beside the tests.
soak: $(VENV)/.dev
	$(BIN)/python -m bench.soak $(ARGS)
	$(BIN)/python -m bench.soak_alarms

# Does a wrong verdict get past the tests? Takes about half an hour; see docs/explanation/mutation-testing.md
mutants: $(VENV)/.dev
	mkdir -p build/mutants
	cp -r src tests pyproject.toml README.md build/mutants/ && cp tests/mutants.cfg build/mutants/setup.cfg
	cd build/mutants && ../../$(BIN)/mutmut run --max-children 1
	cd build/mutants && ../../$(BIN)/mutmut results

lock: $(VENV)/bin/python
	$(BIN)/uv pip compile pyproject.toml --extra examples --output-file requirements.lock $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --output-file requirements-dev.lock $(LOCK)

LOCK = --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --upgrade

clean:
	rm -rf $(VENV) ombud-demo build dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	-$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv

# What is tested is what a user gets: the wheel, installed, next to exactly the versions that the lock file names.
$(VENV)/.demo: $(VENV)/bin/python pyproject.toml requirements.lock $(SOURCE)
	$(call install,requirements.lock)
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml requirements-dev.lock $(SOURCE)
	$(call install,requirements-dev.lock)
	touch $@

define install
	@echo "setting up $(VENV) from $(1) (once; a few hundred MB)"
	@if [ -x $(BIN)/uv ]; then \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --reinstall-package ombud . ; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall . ; \
	fi
endef
