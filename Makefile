# `make` alone lists the targets. A clone needs Python 3.11 or newer and a package index; see README.md.
PYTHON ?= python3
IN := .venv/bin/python -m portal.demo

.DEFAULT_GOAL := help
.PHONY: help demo test check lint audit pytest a11y bench image texts format prepare prepare-tests

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: prepare ## run the whole portal with made-up clients, and print the address to open
	@$(IN) demo

test: check ## everything that must hold: the same as check

check: prepare-tests ## lint, types, imports, templates and all tests; counts failures
	@$(IN) check

lint: prepare ## the checks that need no tests
	@$(IN) lint

audit: prepare ## ask whether a package of the lock files is known to have a hole
	@$(IN) audit

pytest: prepare-tests ## the tests alone; ARGS="tests/altinn -k token" narrows them
	@$(IN) run -- .venv/bin/python -m pytest $(ARGS)

a11y: prepare-tests ## axe on every page, for every role, state, colour and width: half an hour
	@A11Y=all $(IN) run -- .venv/bin/python -m pytest tests/dialogs/a11y $(ARGS)

bench: prepare ## the benchmarks, small; SIZE=full for the real thing
	@$(IN) run -- .venv/bin/python -m benchmarks $(ARGS)

image: prepare ## every step of the container image, rehearsed in a clean environment
	@$(IN) run -- bash docker/rehearse.sh

texts: prepare ## find the texts on screen, and write what is new into the catalogues in locale/
	@.venv/bin/python -m portal.catalogs update ; .venv/bin/python -m portal.catalogs check

format: prepare ## put the code in shape
	@.venv/bin/ruff check --fix -q . ; .venv/bin/ruff format -q .

prepare:
	@$(PYTHON) portal/demo/set_up.py

prepare-tests:
	@$(PYTHON) portal/demo/set_up.py --browser
