# The two commands: `make demo` shows the program, `make test` proves it. `make lint` checks the code's form.

PYTHON ?= python3
ARGS ?=
JOBS ?= 3
BIN := .venv/bin

.PHONY: help demo test test-servers lint format bench faults docs pictures tables hostile fuzz endurance clean

help:
	@echo "make demo     the program on embedded servers with sample mail"
	@echo "make test     all tests (ARGS='tests/mime -k words' for some; JOBS=1 for one at a time)"
	@echo "make test-servers  at Cyrus, Courier, imap4d, Exim and OpenSMTPD (as root; docs/servers.md)"
	@echo "make lint     ruff, mypy, import-linter"
	@echo "make format   ruff format"
	@echo "make bench    measures it (ARGS='cold open --messages 10000 --rtt 100'; docs/performance.md)"
	@echo "make faults   the tests of faults whose full size takes minutes (docs/faults.md)"
	@echo "make docs     checks that every link and every file named in the documents exists"
	@echo "make pictures the screens as the tests and the README show them, drawn anew"
	@echo "make hostile  mail that was made to do harm, in its real size; TUIMAIL_CORPUS=FOLDER for mail of others, too"
	@echo "make fuzz     changed input for everything that reads what strangers write (ARGS='--seconds 600'; default an hour)"
	@echo "make endurance a day of mail, keys and faults on 100,000 messages, with its curves (docs/endurance.md)"
	@echo "make tables   the tables of docs/measure.md, measured anew"
	@echo "make clean    removes .venv and caches"

demo: .venv/.installed
	@$(BIN)/tuimail demo $(ARGS)

test: .venv/.installed-dev
	@.ci/servers
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

test-servers: .venv/.installed-dev
	@.ci/test-servers $(ARGS)

lint: .venv/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --config .importlinter

format: .venv/.installed-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/.installed-dev
	@$(BIN)/python -m tests.bench $(ARGS)

faults: .venv/.installed-dev
	@.ci/servers
	@TUIMAIL_HEAVY=1 $(BIN)/python -m pytest tests/faults -s -m heavy $(ARGS)

docs: .venv/.installed-dev
	@$(BIN)/python -m pytest tests/shape/test_documents.py

pictures: .venv/.installed-dev
	TUIMAIL_PICTURES=record $(BIN)/python -m pytest tests/ui/test_pictures.py

tables: .venv/.installed-dev
	@$(BIN)/python -m tests.backends.measure.tables

hostile: .venv/.installed-dev
	@$(BIN)/python -m tests.hostile $(ARGS)

endurance: .venv/.installed-dev
	@.ci/servers
	@$(BIN)/python -m tests.endurance $(ARGS)

fuzz: .venv/.installed-dev
	@nice $(BIN)/python -m tests.fuzz $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.installed: pyproject.toml .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv . "$@"

.venv/.installed-dev: pyproject.toml .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv '.[dev]' "$@"
