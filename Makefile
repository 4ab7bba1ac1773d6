# Mailfate: how to run, test and build it. Each target sets up what the machine lacks.
#
#   make run     build everything and start the demo: it prints an address and sign-ins
#   make test    everything CI checks: format, lints, tests, size budget, browser tests
#   make bench   the speeds that the README states
#   make soak    worker and database killed again and again, table compared, 20 minutes (SOAK_MINUTES=20)
#   make fuzz    the parsers and the correlator with made-up logs, a minute each (FUZZ_SECONDS=60)
#   make lint    format check and lints only
#   make fmt     format the sources
#   make clean   remove what was built for this checkout; "make clean-cache" also the shared cache
#
# Pieces: build (the server, release), site (what browsers load), end2end (browser tests), sqlx
# (checked queries after a change of SQL), deny (licences and advisories of dependencies).

SHELL := /bin/sh
.DELETE_ON_ERROR:
# The steps build on each other and each uses all cores by itself.
.NOTPARALLEL:

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mailfate
# Outside the checkout, so that a fresh clone finds the dependencies built.
export CARGO_TARGET_DIR ?= $(CACHE)/target
# The queries were checked against the real schema when they were written; the results are in .sqlx.
export SQLX_OFFLINE ?= true
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

TARGET := $(CARGO_TARGET_DIR)
STEP := setup/step.sh
# One checkout at a time; see there.
LOCKED := setup/locked.sh
CARGO := $(LOCKED) cargo
WASM := wasm32-unknown-unknown
# What is run comes from here and not from the shared folder, where another checkout may build.
PROGRAMS := target/programs
FRONT := $(PROGRAMS)/front.wasm
# What a visitor's browser loads before the pages come alive: wasm and JavaScript with Brotli.
BUDGET_KB := 350

# Everything but the browser's package, which would turn on features that exclude the server's.
SERVER_SIDE := --workspace --exclude mailfate-front

.PHONY: run test bench soak fuzz lint fmt fmt-check clean clean-cache build build-debug front site site-debug wasm-opt \
	end2end deny sqlx setup setup-test clippy-server clippy-browser browser-tree unit-tests

# ---- what people use -------------------------------------------------------------------------

# exec, so that Ctrl-C and SIGTERM reach the program itself.
run: site
	@echo "==> starting the demo (stop it with Ctrl-C)"
	@exec $(PROGRAMS)/release/mailfate demo

test: setup-test fmt-check clippy-server clippy-browser browser-tree unit-tests site-debug end2end
	@echo "==> all tests passed"

lint: setup-test fmt-check clippy-server clippy-browser browser-tree

fmt: setup-test
	@$(STEP) "formatting" cargo fmt --all

bench: setup
	@$(STEP) "benches" $(CARGO) bench -p mailfate-tracer -p mailfate-ingest --bench trace --bench store --bench live

# One round of it is part of `make test`.
SOAK_MINUTES := 20
soak: build-debug
	@$(STEP) "killing for $(SOAK_MINUTES) minutes" env MAILFATE_SOAK_MINUTES=$(SOAK_MINUTES) $(CARGO) test -p mailfate-server --test faults -- --nocapture

# What is found stays in target/fuzz, and so does what was learned, for the next time. `make test` runs the same targets for a few seconds.
FUZZ_SECONDS ?= 60
fuzz: setup
	@$(STEP) "installing cargo-fuzz" $(LOCKED) setup/cargo-fuzz.sh $(CACHE)/tools
	@$(STEP) "fuzzing" setup/fuzz.sh $(CACHE)/tools $(FUZZ_SECONDS)

clean:
	rm -rf target bundle/node_modules samples/geo/node_modules end2end/node_modules end2end/test-results end2end/playwright-report

clean-cache: clean
	rm -rf $(CACHE)

# ---- setting up ------------------------------------------------------------------------------

setup:
	@setup/setup.sh build

setup-test:
	@setup/setup.sh test

# wasm-opt makes the browser's code a third smaller. Without Node.js, or without network at the first
# build, the bundler does without it and says so.
WASM_OPT := bundle/node_modules/binaryen/bin/wasm-opt
wasm-opt:
	@command -v npm >/dev/null || exit 0; $(STEP) "npm: wasm-opt" setup/npm.sh bundle || true

# ---- building --------------------------------------------------------------------------------

# Always these two packages together: asked for one at a time, cargo would give their common
# dependencies different features and build them twice.
build: setup
	@$(STEP) "building the server" $(LOCKED) sh -c 'cargo build --release -p mailfate-server -p mailfate-bundle && \
		install -D -t $(PROGRAMS)/release $(TARGET)/release/mailfate $(TARGET)/release/mailfate-bundle'

# The dev-dependencies count for features as well, hence --tests: so `cargo test` finds it all built.
build-debug: setup-test
	@$(STEP) "building programs and tests" $(LOCKED) sh -c 'cargo build $(SERVER_SIDE) --bins --tests && \
		install -D -t $(PROGRAMS)/debug $(TARGET)/debug/mailfate $(TARGET)/debug/mailfate-bundle'

front: setup
	@$(STEP) "building the browser's code" $(LOCKED) sh -c \
		'cargo build -p mailfate-front --lib --target $(WASM) --profile wasm-release && \
		install -D -t $(PROGRAMS) $(TARGET)/$(WASM)/wasm-release/front.wasm'

BUNDLE_ARGS = --wasm $(FRONT) --cache $(CACHE)/wasm-opt --wasm-opt $(WASM_OPT)

site: build front wasm-opt
	@$(STEP) "making the site folder" $(PROGRAMS)/release/mailfate-bundle $(BUNDLE_ARGS)

# For the tests: the bundler that was built with them, the same browser code. The size is checked here only: without
# Node.js there is no wasm-opt, the code is a third larger, and `make run` must work all the same.
site-debug: build-debug front wasm-opt
	@$(STEP) "making the site folder" $(PROGRAMS)/debug/mailfate-bundle $(BUNDLE_ARGS) --budget-kb $(BUDGET_KB)

# ---- testing ---------------------------------------------------------------------------------

fmt-check: setup-test
	@$(STEP) "format" cargo fmt --all --check

clippy-server: setup-test
	@$(STEP) "lints, server side" $(CARGO) clippy $(SERVER_SIDE) --all-targets -- -D warnings

# With the profile of the real build, so that both share the macros they run at compile time.
clippy-browser: setup-test
	@$(STEP) "lints, browser side" $(CARGO) clippy -p mailfate-front --lib --target $(WASM) --profile wasm-release -- -D warnings

browser-tree: setup-test
	@$(STEP) "no server parts in the browser's code" setup/browser-tree.sh

# A country database as it is published (CC0, pinned): the demo's own knows only invented places.
COUNTRY_MMDB := samples/geo/node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb
unit-tests: build-debug
	@$(STEP) "npm: a country database" setup/npm.sh samples/geo
	@$(STEP) "tests" env MAILFATE_TEST_COUNTRY_MMDB=$(CURDIR)/$(COUNTRY_MMDB) $(CARGO) test $(SERVER_SIDE) --no-fail-fast

end2end: site-debug
	@$(STEP) "npm: Playwright and axe" setup/npm.sh end2end
	@$(STEP) "browser tests" env MAILFATE_BIN=$(CURDIR)/$(PROGRAMS)/debug/mailfate npm --prefix end2end test --silent

# Not part of `make test`: cargo-deny takes longer to install than everything else together, and its
# advisories come from the network, so that a test could fail without any change of ours.
deny: setup
	@command -v cargo-deny >/dev/null || { echo "cargo-deny is not installed: cargo install cargo-deny --locked"; exit 3; }
	@$(STEP) "licences, advisories, sources" cargo deny check

sqlx: setup
	@$(STEP) "checking the queries against a fresh database" $(LOCKED) setup/sqlx.sh
