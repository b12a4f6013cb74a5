# make, without a target, is make help.

.DEFAULT_GOAL := help
FUZZTIME ?= 20s

.PHONY: help build test test-redis readme lint demo fuzz ci

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the three programs, into bin/
	go build -o bin/ ./cmd/...

test: ## what a machine with only Go can test
	go test ./...

test-redis: ## all tests, with the race detector and a private redis-server
	WXDISPATCH_TEST_REQUIRE_REDIS=1 go test -race ./...

readme: ## the commands of README.md, as printed (bash, curl, redis-server)
	WXDISPATCH_TEST_README=1 go test -count=1 -v -run '^TestReadmeCommands$$' .

lint: ## gofmt, go vet, staticcheck
	@found=$$(gofmt -l .); if [ -n "$$found" ]; then echo "not formatted (gofmt -w .):"; echo "$$found"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

demo: ## see it work: embedded Redis, stand-in WeChat, web UI
	go run ./cmd/worker demo

fuzz: ## each fuzz target for FUZZTIME (20s)
	@set -e; grep -rl '^func Fuzz' --include='*_test.go' . | sort | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "==> $$(dirname "$$file") $$name"; \
			go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

.PHONY: bench soak chaos chaos-short pace
ARGS ?=

bench: ## wxdispatch beside a bare asynq worker (ARGS='--quick', '--redis-latency 1ms', '--help'; redis-server)
	go run ./bench $(ARGS)

soak: ## two million messages in 20 minutes, with receipts: does anything grow? (ARGS='--messages 90000 --for 3m', '--help'; redis-server)
	go run ./bench soak $(ARGS)

MESSAGES ?= 20000
CHAOS_FOR ?= 4m
SEED ?= 0

chaos: ## the long chaos run (MESSAGES, CHAOS_FOR, SEED; redis-server, about 5 minutes)
	WXDISPATCH_TEST_REQUIRE_REDIS=1 go test ./chaos -count=1 -v -timeout 60m -run '^TestChaos$$' \
		-chaos.messages=$(MESSAGES) -chaos.for=$(CHAOS_FOR) -chaos.seed=$(SEED)

chaos-short: ## the short chaos runs, with a Sentinel failover (SEED; about a minute)
	WXDISPATCH_TEST_REQUIRE_REDIS=1 go test ./chaos -race -count=1 -v -chaos.seed=$(SEED)

pace: ## the pace of 1, 3 and 8 workers over minutes, and a WeChat that pushes back
	WXDISPATCH_TEST_REQUIRE_REDIS=1 go test ./chaos -count=1 -v -timeout 30m -run '^(TestPace|TestPushBack)$$' -pace.for=65s -pace.pushback=3m
	go test ./internal/pace -run '^$$' -bench .

ci: ## what has to hold before a change lands
	.ci/run
