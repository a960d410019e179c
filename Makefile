# Holdless: `make` lists what can be done here.
GO      ?= go
LINT     = $(GO) tool -modfile=tools/go.mod golangci-lint
# The race detector needs a C compiler; a machine with only Go tests without it.
# SQLite, which a program translated from C, is full of pointers: the detector and
# Go's own checks would look at them one by one, half of the time of all tests.
SQLITE  := -gcflags=modernc.org/...='-d=checkptr=0 -race=false'
RACE    := $(if $(shell command -v gcc || command -v clang),-race $(SQLITE))
TESTFLAGS ?=

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build ./holdless, one static program
	CGO_ENABLED=0 $(GO) build -trimpath -o holdless ./cmd/holdless

.PHONY: test
test: ## Run every test; what a missing program would prove is skipped by name
	@tools/needs
	$(GO) test $(RACE) $(TESTFLAGS) -vet=off -parallel 3 -timeout 15m $(filter-out %/internal/simulation,$(shell $(GO) list ./...)) # most wait for calls to be spoken; make check vets
	$(GO) test $(TESTFLAGS) -timeout 20m ./internal/simulation # months are too long for the race detector
	$(GO) test $(TESTFLAGS) ./callback -run 'TestWalk|TestSameRequest' # and so are these, whole

.PHONY: test-tools
test-tools: ## Install what some tests use of npm, outside of the repository
	@tools/node

.PHONY: check
check: fmt-diff lint ## Format, lint, and check the example configuration and menus
	$(GO) build ./...
	$(GO) run ./cmd/holdless check -c config.example.yaml

.PHONY: lint
lint: ## Run golangci-lint, pinned in tools/go.mod
	$(LINT) run --allow-parallel-runners ./...

.PHONY: fmt
fmt: ## Format the code
	$(LINT) fmt ./...

.PHONY: fmt-diff
fmt-diff: ## Fail when a file is not formatted
	$(LINT) fmt --diff ./...

.PHONY: demo
demo: ## Play one caller through real SIP and RTP on this machine
	$(GO) run ./cmd/holdless demo --script "1 1 1"

.PHONY: bench
bench: ## Measure what holdless is held to, beside the targets, in ten minutes
	@tools/bench

.PHONY: fuzz
fuzz: ## Let strangers' input be made up, 30 s for each door (FUZZTIME=10m for longer)
	@tools/fuzz $(or $(FUZZTIME),30s)

.PHONY: interop
interop: ## Hold the service against SIPp and baresip, with the cases that take longer
	HOLDLESS_INTEROP=long $(GO) test ./internal/interop -timeout 20m -v

.PHONY: planned
planned: ## Have eight robots live through an hour of planned promises over SIP, at a fifth of its time
	HOLDLESS_INTEROP=long $(GO) test ./internal/interop -run TestPlannedLoad -timeout 30m -v

.PHONY: pictures
pictures: ## Take the pictures of docs/ anew
	HOLDLESS_TEST_PICTURES=1 go test ./internal/desk ./internal/wall ./internal/reports ./internal/web ./cmd/holdless -run 'ForEverybody|KeepNobodyOut|Browser' -count=1

.PHONY: walks
walks: ## Hold 1,000 talks with keys at random over Twilio webhooks, and over SIP
	HOLDLESS_WALKS=$(or $(WALKS),1000) $(GO) test ./internal/twilioline ./internal/sipline -run TestWalks -timeout 60m

.PHONY: crash
crash: ## Kill the service 1,000 times, and as often over Twilio: nothing lost, nothing dialled twice
	HOLDLESS_CRASH=$(or $(KILLS),1000) $(GO) test ./internal/simulation -run TestCrash -timeout 120m -v
	HOLDLESS_CRASH=$(or $(KILLS),1000) $(GO) test ./internal/interop -run TestTwilioCrash -timeout 120m -v

.PHONY: powercut
powercut: ## Cut the power 500 times while callers book and customers are dialled: nothing lost, nothing dialled twice
	HOLDLESS_CUTS=$(or $(CUTS),500) $(GO) test ./internal/interop -run TestPowerCut -count 1 -timeout 60m -v

.PHONY: reloads
reloads: ## Change menus 1,000 times under 50 live calls: no call notices
	HOLDLESS_RELOADS=$(or $(RELOADS),1000) $(GO) test ./cmd/holdless -run TestReloadsUnderCalls -timeout 30m -v

.PHONY: identical
identical: ## Send one booking 10,000 times at once to a service that runs, on both databases: one callback
	HOLDLESS_IDENTICAL=$(or $(TIMES),10000) $(GO) test ./cmd/holdless -run TestIdenticalBookings -count 1 -timeout 30m -v

.PHONY: promises
promises: ## Live through 300 days of seven teams at the load that is planned: promises are kept
	HOLDLESS_PROMISES=$(or $(DAYS),300) $(GO) test ./internal/simulate -run TestPromises -count 1 -timeout 30m -v

.PHONY: year
year: ## Live through a year of callbacks in virtual time
	$(GO) test -tags year ./internal/simulation -run TestYear -timeout 60m -v

.PHONY: kannel
kannel: ## Be down for a minute while Kannel takes texts and receipts: nothing lost
	HOLDLESS_KANNEL_DOWN=$(or $(DOWN),1m) $(GO) test ./internal/sms -run TestKannel -count 1 -timeout 15m -v

.PHONY: cover
cover: ## Show test coverage by package
	$(GO) test -cover ./...
