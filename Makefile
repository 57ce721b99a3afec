# Each target is one line that calls a script; the logic is Python, in libs/devstack.
# Needed on the machine: make and Python ≥ 3.11 with venv. Everything else is put into .venv.
PYTHON ?= python3
DEVSTACK := .venv/bin/python -m devstack
export MESSAGE

.DEFAULT_GOAL := help
.PHONY: help ready run chat fmt lint test bench eval

##@ Develop
run: ready ## Start the whole system; Ctrl-C stops it
	@$(DEVSTACK) run

chat: ready ## Talk to the running system; MESSAGE="..." sends one message
	@$(DEVSTACK) chat

fmt: ready ## Format the code
	@$(DEVSTACK) fmt

##@ Check
lint: ready ## Style, types, layers, sizes
	@$(DEVSTACK) lint

test: ready ## All tests: each service's own, then those that cross services
	@$(DEVSTACK) test

##@ Measure
bench: ready ## Cost of a turn against a floor without the SDK
	@.venv/bin/python -m tests.load

eval: ready ## Success rate on plain English; with GEMINI_API_KEY set, of the real model
	@.venv/bin/python -m tests.evals

##@ Help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

ready:
	@$(PYTHON) libs/devstack/src/devstack/bootstrap.py
