# make run | test | check | train | bench | demo | clean; see the README.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

# The data sets lie beside a development checkout; anywhere else, set THROUGHLINE_DATA yourself.
ifneq ($(wildcard ../shared/data),)
export THROUGHLINE_DATA ?= $(abspath ../shared/data)
endif
# One thread a process: two threads on busy cores run several times slower than one.
export OMP_NUM_THREADS ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 2
# Two heaps a process instead of one a thread: films are read in many threads.
export MALLOC_ARENA_MAX ?= 2

# Browser tests have processes of their own, apart from networks and decoders. A process that crashes ends the run: xdist
# 3.8 would hand its tests to another one, and wait for it for ever.
PYTEST := $(BIN)/python -m pytest -rs -n 2 --dist loadfile --max-worker-restart 0

.PHONY: install run test check browser train bench demo clean

install: .venv/.installed

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Throughline needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12 run"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: install
	$(BIN)/python -m studio serve --demo --port $(PORT)

check: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# On Debian, and as root, the browser is installed; elsewhere its tests say that they are skipped.
browser:
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null || true; fi
	@[ -x /usr/bin/chromium ] || echo "*** No chromium was found: THE BROWSER TESTS ARE SKIPPED. ***"
	@[ -n "$$THROUGHLINE_DATA" ] || echo "*** THROUGHLINE_DATA is not set: THE TESTS ON REAL DATA ARE SKIPPED. ***"
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo "*** No PostgreSQL was found: THE TESTS ON POSTGRESQL ARE SKIPPED. ***"

test: check browser
	$(PYTEST) -m "not browser"
	$(PYTEST) -m browser

train: install
	$(BIN)/python -m studio train models/text_net.toml
	$(BIN)/python -m studio train models/curve_net.toml
	$(BIN)/python -m studio train models/live_net.toml
	$(BIN)/python -m studio train models/shot_net.toml

bench: .venv/.installed-dev
	$(BIN)/python -m studio evaluate text
	$(BIN)/python -m benchmarks.text
	$(BIN)/python -m studio evaluate curves
	$(BIN)/python -m benchmarks.mosi
	$(BIN)/python -m benchmarks.reasons
	$(BIN)/python -m studio evaluate shots
	$(BIN)/python -m benchmarks.shots
	$(BIN)/python -m benchmarks.media
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.uploads
	$(BIN)/python -m benchmarks.proxy
	$(BIN)/python -m benchmarks.draft
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.robustness
	$(BIN)/python -m benchmarks.library
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.chaos
	$(BIN)/python -m benchmarks.moments
	$(BIN)/python -m benchmarks.handoff
	$(BIN)/python -m benchmarks.trailer --render
	$(BIN)/python -m benchmarks.compare
	$(BIN)/python -m benchmarks.compare_cost
	$(BIN)/python -m benchmarks.compare_releases

demo: install
	$(BIN)/python assets/make_demo.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
