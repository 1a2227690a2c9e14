# Quern's commands. Each installs what it needs and builds first, so that any of them works on a bare Debian 12.
.DEFAULT_GOAL := build
.PHONY: build programs demo manifests test test-compose bench check format sanitize dashboards clean deps bench-llm

export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
jobs := $(shell nproc)
preset = build/CMakeCache.txt

deps:
	@tools/install-dependencies

manifests:
	@tools/install-dependencies manifests

$(preset): | deps
	cmake --preset release

build: deps $(preset)  ## Builds everything into build/bin
	cmake --build --preset release -j $(jobs)

programs: deps $(preset)  ## Builds what a user runs into build/bin, without the tests
	cmake --build --preset release -j $(jobs) --target programs

demo: programs  ## Real corpus in, verified records out: out/demo
	tools/fetch-demo-corpus build/bin/quern out/demo-corpus
	build/bin/quern run out/demo-corpus/*.jsonl.zst --output out/demo
	build/bin/quern inspect out/demo

test: build manifests  ## Unit, integration (real Redis) and system tests (real processes)
	ctest --preset release -j $(jobs) $(CTEST_ARGS)

test-compose: deps  ## The stack of docker-compose.yml on a Docker engine; starts one where none answers
	tests/compose/run

bench: build  ## Prints the benchmarks and writes out/bench.json
	tools/bench out/bench.json

bench-llm: build  ## Prints the benchmarks of calls to models, beside a Python client, and writes out/bench-llm.json
	tools/bench-llm out/bench-llm.json

check: build  ## What CI checks besides the tests: format, includes, lint, generated docs
	tools/check

format:  ## Formats every source file
	git ls-files '*.h' '*.cc' | xargs clang-format -i

dashboards: programs  ## Draws the dashboards into docs/dashboards, of a run of ten minutes
	tools/install-dependencies tests docs
	tools/draw-dashboards

sanitize: deps  ## Unit tests under ASan + UBSan, and the threaded ones under TSan
	cmake --preset asan-ubsan && cmake --build --preset asan-ubsan -j $(jobs) --target unit_tests && ctest --preset asan-ubsan -j $(jobs)
	cmake --preset tsan && cmake --build --preset tsan -j $(jobs) --target tsan_tests && ctest --preset tsan -j $(jobs)

clean:
	rm -rf build out
