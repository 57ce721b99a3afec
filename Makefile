# Each target is one line that calls a script; the logic is Python, in libs/devstack.
# Needed on the machine: make and Python ≥ 3.11 with venv. Everything else is put into .venv.
PYTHON ?= python3
DEVSTACK := .venv/bin/python -m devstack
export MESSAGE TELEMETRY TRACE PERSON

.DEFAULT_GOAL := help
.PHONY: help ready run chat trace retention export erase fmt lint test bench slo eval dashboards cluster dev deploy cluster-test cluster-down generate tools

##@ Develop
run: ready ## Start the whole system; Ctrl-C stops it; TELEMETRY=1 keeps its traces
	@$(DEVSTACK) run

chat: ready ## Talk to the running system; MESSAGE="..." sends one message
	@$(DEVSTACK) chat

trace: ready ## The last turn as a tree with times; TRACE=<id> another one
	@$(DEVSTACK) trace

retention: ready ## Let what got old go, in the running system; RETENTION_DAYS=90
	@$(DEVSTACK) retention

export: ready ## Everything about PERSON=<id or address>, as JSON
	@$(DEVSTACK) export

erase: ready ## Erase PERSON=<id or address> everywhere; takes a minute or two
	@$(DEVSTACK) erase

fmt: ready ## Format the code
	@$(DEVSTACK) fmt

##@ Check
lint: ready ## Style, types, layers, sizes
	@$(DEVSTACK) lint

test: ready ## All tests: each service's own, then those that cross services
	@$(DEVSTACK) test

generate: ready ## Make rules, dashboards, and the chart's README, schemas and golden manifests
	@$(DEVSTACK) generate

tools: ready ## Put helm, kubeconform and the like in place, in the pinned versions
	@$(DEVSTACK) tools

##@ Measure
bench: ready ## Cost of a turn against a floor without the SDK
	@.venv/bin/python -m tests.load

slo: ready ## The promise of 5 s under load, as a report; SHORT=1, RATES="5 10" SECONDS=30, TARGET=<origin>
	@.venv/bin/python -m tests.load.slo $(if $(SHORT),--short) $(if $(TARGET),--target $(TARGET)) $(if $(RATES),--rates $(RATES)) $(if $(SECONDS),--seconds $(SECONDS))

eval: ready ## Success rate, and that nothing else is touched; with GEMINI_API_KEY set, of the real model
	@.venv/bin/python -m tests.evals $(if $(RUNS),--runs $(RUNS))

dashboards: ready ## Grafana on this machine with the dashboards; PROMETHEUS_URL, TRACES_URL
	@$(DEVSTACK) dashboards

##@ Cluster
cluster: ready ## A cluster: yours, or a new one of kind; installs what the chart expects
	@$(DEVSTACK) cluster

deploy: ready ## Build the images and install the chart
	@$(DEVSTACK) deploy

dev: ready ## Deploy, then bring each changed line into the running pods; Ctrl-C ends it
	@$(DEVSTACK) dev

cluster-test: ready ## Deploy production images and test what runs on the cluster
	@$(DEVSTACK) cluster-test

cluster-down: ready ## Remove our cluster; from any other, what deploy put there
	@$(DEVSTACK) cluster-down

##@ Help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

ready:
	@$(PYTHON) libs/devstack/src/devstack/bootstrap.py
