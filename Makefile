# `make` alone lists the targets. Needs Python >= 3.9 with venv, git and make; `setup` fetches the rest.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup check contracts fix test test-unit test-stack up down status logs trace demo staff synth deploy bench backtest clean

STAGE ?= local
BIN := .venv/bin
UV = $(or $(shell command -v uv),$(CURDIR)/.local/uv/bin/uv)
LOCAL_TOOLS := $(CURDIR)/.local
CDK := PATH="$(LOCAL_TOOLS)/node/bin:$$PATH" $(LOCAL_TOOLS)/cdk/node_modules/.bin/cdk
SLOW := emulator or infra or journey
# ARGS narrows a run: make test-unit ARGS="-k ledger"
PYTEST = $(BIN)/pytest $(ARGS)
SPREAD := --dist loadfile --no-loadscope-reorder --max-worker-restart=0

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## install Python, dependencies, the embedded AWS and the CDK, all locked; fast when done
	@python3 tools/setup.py

check: setup ## lint, format, types, import contracts, what breaks clients; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python -m graphql_api.breaking

contracts: setup ## rewrite the committed contracts: event schemas, errors, GraphQL schemas and operations
	$(BIN)/python -m tools.contracts
	$(BIN)/python -m graphql_api.export $(ARGS)

fix: setup ## format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: check ## everything: checks, then all tests at once: some compute while others wait
	$(PYTEST) -n 4 $(SPREAD)

test-unit: setup ## the tests that need nothing but Python
	$(PYTEST) -n 3 -m "not ($(SLOW))"

test-stack: setup ## the tests that run on the embedded AWS, synthesise the app or drive the whole stack
	$(PYTEST) -n 3 $(SPREAD) -m "$(SLOW)"

up: setup ## start the whole platform on this machine, or bring it up to date
	@$(BIN)/python -m tools.stack up

down: ## end what `up` started
	@test ! -x $(BIN)/python || $(BIN)/python -m tools.stack down

status: ## tell what runs and where it answers
	@$(BIN)/python -m tools.stack status

logs: ## show the ends of all logs
	@$(BIN)/python -m tools.stack logs

trace: setup ## tell what happened under a correlation id: make trace ID=… (STAGE=local)
	@$(BIN)/python -m tools.trace "$(ID)" --stage $(STAGE)

demo: setup ## tell the whole story on a running platform, from sign-up to portfolio
	@$(BIN)/python -m tools.stack with -- $(BIN)/python -m tools.demo

staff: setup ## what operators do, such as: make staff ARGS='role --email A --role ADMIN --reason "..."'
	@$(BIN)/python -m tools.staff $(ARGS)

synth: setup ## write the CloudFormation templates to cdk.out (STAGE=local)
	@$(BIN)/python -m tools.stack.deployment $(STAGE)

deploy: setup ## deploy to the AWS account of your credentials: make deploy STAGE=staging
	@test "$(STAGE)" != local || { echo "deploy: name a stage: make deploy STAGE=staging" >&2; exit 1; }
	$(CDK) deploy --all --app "$(BIN)/python app.py" -c stage=$(STAGE)

bench: setup ## measure what the performance page promises (ONLY="edge hostile" for some of it)
	@$(UV) sync -q --frozen --group bench
	@$(BIN)/python -m benchmarks $(ONLY)

backtest: setup ## nine years of prices through planner and books; draws docs/backtest.png
	@$(UV) sync -q --frozen --group backtest
	@$(BIN)/python -m tools.backtest --picture docs/backtest.png

clean: down ## remove what was built and run; the installed tools stay
	rm -rf cdk.out .local/archives .local/cdk.out .local/run .local/log .local/tmp
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -not -path './.local/*' -prune -exec rm -rf {} +
