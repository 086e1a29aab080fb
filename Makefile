# Thin wrappers over venv and pip; README gives the same commands for Windows.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8000

.PHONY: run test fuzz lint types eval bench lines

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -c constraints.txt -e ".[fast,transformers]"
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -c constraints.txt -e ".[fast,transformers,mcp,test]"
	touch $@ $(VENV)/.run

run: $(VENV)/.run            # install, build the index, serve on http://127.0.0.1:8000
	$(BIN)/kb build
	$(BIN)/kb serve --port $(PORT)

test: lint types             # everything CI checks
	$(BIN)/python -m pytest
	$(BIN)/kb check
	$(BIN)/kb eval --gate

fuzz: $(VENV)/.test          # the property tests with thousands of new examples each
	$(BIN)/python -m pytest --hypothesis-profile=wide $$(grep -rl "@given" tests)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

eval: $(VENV)/.test          # relevance, by style and feature
	$(BIN)/kb eval tests/quality/queries.tsv --ablation

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -c constraints.txt -e ".[fast,bench]"
	touch $@

bench: $(VENV)/.bench        # build, latency, memory, pages a second at 300 ... 100,000 entries; an hour
	$(BIN)/python -m benchmarks all --markdown

lines:                       # what the product weighs
	@wc -l kb/*.py indexer/*.py search_app/*.py | tail -1
