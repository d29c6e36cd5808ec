# Every target works on a fresh clone: the virtual environment is made when it is missing.
PYTHON ?= python3.11
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Among as many processes as there are processors; whoever is done takes tests from the others.
SHARED_OUT := -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help train test test-slow test-legacy test-pythons test-lowest test-page coverage check lint types docs weights bench faults clean site pictures

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

train: $(STAMP) ## set up, fetch MNIST, train the lecture's classifier, draw the pictures
	$(BIN)/mnist-tool train
	$(BIN)/mnist-tool visualize
	$(BIN)/mnist-tool predict-random --seed 777

test: $(STAMP) ## set up and run all tests (no network or GPU needed once the packages are there)
	$(BIN)/python -m tests.ensure_data
	$(BIN)/python -m pytest $(SHARED_OUT)

test-slow: $(STAMP) ## train every recipe again and compare with its measured accuracy (about an hour)
	$(BIN)/python -m tests.ensure_data
	$(BIN)/python -m pytest -m slow -v

test-legacy: $(STAMP) ## try the doctor on real old Python and torch (about 1.4 GB each, kept in .cache)
	$(BIN)/python -m tests.legacy.environments
	$(BIN)/python -m pytest -m legacy tests/legacy

test-pythons: $(STAMP) ## run the tests that need no torch on each other Python we promise (kept in .cache)
	$(BIN)/python -m tests.pythons

test-lowest: $(STAMP) ## run all tests on the lowest versions that are declared (4 GB, kept in .cache)
	$(BIN)/python -m tests.lowest

test-page: $(STAMP) ## try the page in a real browser, and let axe-core and html-validate judge it
	$(BIN)/python -m tests.page.browser.environment
	$(BIN)/python -m tests.ensure_data
	$(BIN)/python -m pytest -m browser -s tests/page/browser

coverage: $(STAMP) ## run all tests; fails below 95 % of lines and branches
	$(BIN)/python -m tests.ensure_data
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(SHARED_OUT)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

check: lint types docs test ## everything a change must pass: lint, types, docs, tests

lint: $(STAMP) ## ruff: style and common mistakes; numpydoc: the form of docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find mnist_tool -name '*.py' -exec $(BIN)/python -m numpydoc lint {} +

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

docs: $(STAMP) ## run every example of the documentation, check docstrings and links
	$(BIN)/python -m pytest tests/docs -m 'not legacy' $(SHARED_OUT)

site: $(STAMP) ## build the documentation into build/site; the search works offline
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict -f docs/site/mkdocs.yml

pictures: $(STAMP) ## make the pictures of the documentation again, with the commands themselves
	$(BIN)/python -m tests.docs.pictures

weights: $(STAMP) ## train the weights that ship with the package, from a fixed seed (three quarters of an hour)
	$(BIN)/python -m tests.training.weights

bench: $(STAMP) ## measure against the others, side by side
	$(BIN)/python -m tests.benchmarks

faults: $(STAMP) ## the same network faults against torchvision, pooch, huggingface_hub and ours
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[faults]'
	$(BIN)/python -m tests.faults.compare

clean: ## remove what the other targets made, but never the data or the runs
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	@echo "Installing; where torch is plain, that is 6 GB and may take many minutes without a word."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,docs]'
	$(BIN)/python -m compileall -q mnist_tool  # as pip does, but not where it installs in place
	@touch $(STAMP)
