.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Some machines forbid Python to keep what it compiled: each process would then compile the SDKs for seconds, agents too.
export PYTHONDONTWRITEBYTECODE :=
export PATH := $(CURDIR)/$(BIN):$(PATH)
RESULTS := test-artefacts/results
PYTEST = $(BIN)/pytest --junitxml=$(RESULTS)/$(@:test-%=%).xml

# Real time and real processes: on a machine that is busy with something else, speech comes in pieces and processes come late.
# What failed beside others is tried again with the machine to itself. Both tries are printed and counted.
# $(1): the run's name, $(2): its options, $(3): the tests.
define tried_alone_if_failed
@$(BIN)/pytest --junitxml=$(RESULTS)/$(1).xml $(2) $(3) || { [ $$? -eq 1 ] && echo "What failed, again, one at a time:" && \
	$(BIN)/pytest --junitxml=$(RESULTS)/$(1)-alone.xml --last-failed --last-failed-no-failures=none --reruns 1 -rR $(3); }
endef

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install and build whatever is missing
	@$(PYTHON) tools/setup.py

.PHONY: run
run: setup ## Start the whole assistant on this machine
	@$(BIN)/polyglot run

.PHONY: test
test: forget-results setup-tests check test-ui test-unit test-infra test-integration test-e2e ## Run every check and test
	@echo "Everything that was tested:"
	@$(BIN)/python tools/summary.py $(RESULTS)

.PHONY: forget-results
forget-results:
	@rm -rf $(RESULTS)

.PHONY: setup-tests
setup-tests:
	@$(PYTHON) tools/setup.py --browser --database --pulumi --actionlint --packets

.PHONY: check
check: ## Format, lint, types and import rules
	@# mypy keeps one core busy for most of the time that all of this takes.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-rest

.PHONY: check-types
check-types:
	@$(BIN)/mypy

.PHONY: check-rest
check-rest:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/python tools/node.py npm run --silent check
	@$(BIN)/python tools/node.py npm run --silent typecheck

.PHONY: fix
fix: ## Format and repair what can be repaired
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python tools/node.py npm run --silent format

.PHONY: test-unit
test-unit: ## Hermetic tests: no network, no processes
	@$(PYTEST) -n 2 -p no:schemathesis tests/unit

.PHONY: test-infra
test-infra: ## The Pulumi program: its parts, the commands around it, then its life on the real engine
	@# What shares stacks in one process; in the files' own order, not by how many tests they hold.
	@$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -p no:schemathesis -p no:anyio -p no:time_machine tests/infra/unit
	$(call tried_alone_if_failed,infra-engine,-n 2 --dist worksteal,tests/infra/commands tests/infra/engine)

.PHONY: test-ui
test-ui: ## Tests of the page's parts, and of its states in a browser without a call
	@$(BIN)/python tools/node.py npm test --silent -- --reporter=default --reporter=junit --outputFile.junit=../$(RESULTS)/ui.xml
	@$(BIN)/python tools/node.py npm run --silent budget
	$(call tried_alone_if_failed,pages,-n 2,tests/pages)

.PHONY: test-firefox
test-firefox: setup ## The main paths in Debian's Firefox (package firefox-esr), where there is one
	@$(BIN)/pytest tests/firefox

.PHONY: test-integration
test-integration: ## Services against real peers on loopback
	$(call tried_alone_if_failed,integration,-n 2,tests/integration)
	@# The API's promises once more, on what a cloud has in the place of a file and a process's own memory.
	@POLYGLOT_TEST_STORES=postgresql,valkey $(BIN)/pytest --junitxml=$(RESULTS)/integration-stores.xml -n 2 \
		$(addprefix tests/unit/api/,access alerts budgets calls idempotency privacy screens sessions summaries trips webhooks livekit)

.PHONY: test-e2e
test-e2e: ## Calls with real audio through the real media server, and the page in a browser
	@# Three at a time on two cores: a call mostly waits for somebody to finish speaking, and a fourth makes sound come late.
	$(call tried_alone_if_failed,e2e,-n 3 --dist worksteal -p no:schemathesis,tests/e2e)

IMAGE_FLAGS ?=

.PHONY: images
images: ## Build both images with the local Docker engine (IMAGE_FLAGS=--build-arg=… for other base images)
	DOCKER_BUILDKIT=1 docker build $(IMAGE_FLAGS) -f api/Dockerfile -t polyglot-api:local .
	DOCKER_BUILDKIT=1 docker build $(IMAGE_FLAGS) -f agent/Dockerfile -t polyglot-agent:local .

.PHONY: test-images
test-images: setup images ## Take calls through both images, run as production and as the stack local run them
	@$(PYTEST) tests/images

.PHONY: bench
bench: setup setup-infra ## Measure latencies, memory and start-up against named baselines
	@$(BIN)/polyglot bench
	@$(BIN)/python -m offline.bench

.PHONY: bench-page
bench-page: setup ## Measure how soon the page is painted, can be used and answers, alone and in a call
	@PYTHONPATH=.:tests/support $(BIN)/python -m tools.page

.PHONY: hearing
hearing: setup ## Report how well the keyless assistant's ears hear the clips, into docs/hearing.md
	@$(BIN)/python -m tools.hearing

.PHONY: barge-in
barge-in: setup ## Measure ends of turns and interruptions with the travellers' clips, into docs/turns.md
	@$(BIN)/python -m tools.turns

.PHONY: dialogues
dialogues: setup ## Hold the scripted conversations by voice, in eight languages, into docs/dialogues.md
	@$(BIN)/python -m tools.dialogues

.PHONY: gallery
gallery: setup ## Keep new pictures of every state of the page and the desk, in tests/data/gallery
	@rm -rf tests/data/gallery && POLYGLOT_KEEP_PICTURES=1 $(BIN)/pytest -q tests/pages/test_gallery.py

.PHONY: schemas
schemas: setup ## Write the page's checks of what comes over the wire again from the contracts
	@PYTHONPATH=. $(BIN)/python tools/page_schemas.py

.PHONY: preview
preview: STACK ?= staging
preview: setup-infra ## Show what `pulumi up` would make of STACK, offline, with its rules and price
	@$(BIN)/python -m offline.preview --stack $(STACK)

.PHONY: bootstrap
bootstrap: setup-infra ## Make what an AWS account needs once: state, keys, image repositories, pipeline roles
	@$(BIN)/python -m infra.bootstrap

.PHONY: setup-infra
setup-infra:
	@$(PYTHON) tools/setup.py --pulumi

.PHONY: lock
lock: setup ## Write the hashed locks again from pyproject.toml
	@tools/lock.sh
