package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

const workers = 3

// run is one chaos run and all that takes part in it.
type run struct {
	t     *testing.T
	seed  uint64
	dice  *rand.Rand
	dir   string // logs; kept when something went wrong
	begun time.Time

	redis *redistest.Process
	proxy *proxy
	stand *stand
	fleet *fleet
	feed  *feeder

	worker, enqueue string // the programs

	direct redis.UniversalClient // the judge's own way to Redis
	book   *ledger.Ledger
	parts  []*part
	done   map[deed]int
}

// newRun prepares a run; nothing but the stand-in is started yet.
func newRun(t *testing.T) *run {
	t.Helper()
	if testing.Short() {
		t.Skip("a chaos run takes about a minute")
	}
	seed := theSeed()
	r := &run{t: t, seed: seed, dice: rand.New(rand.NewPCG(seed, seed)), begun: time.Now(), done: map[deed]int{}}
	var err error
	if r.dir, err = os.MkdirTemp("", "wxdispatch-chaos-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() || *keepLogs {
			t.Logf("seed %d; the workers' logs are in %s", r.seed, r.dir)
			return
		}
		_ = os.RemoveAll(r.dir)
	})
	r.stand = startStand(t, seed)
	return r
}

// within is ctx with room to end everything before the test's own time is over.
func (r *run) within() (context.Context, context.CancelFunc) {
	const room = 30 * time.Second
	if deadline, ok := r.t.Deadline(); ok {
		return context.WithDeadline(r.t.Context(), deadline.Add(-room))
	}
	return context.WithCancel(r.t.Context())
}

// build builds the two programs once.
func (r *run) build() {
	r.t.Helper()
	dir := r.t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "wxdispatch/cmd/worker", "wxdispatch/cmd/enqueue")
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("go build: %v\n%s", err, out)
	}
	r.worker, r.enqueue = filepath.Join(dir, "worker"), filepath.Join(dir, "enqueue")
}

// launch starts the workers, each with that rate, and returns when they work.
func (r *run) launch(ctx context.Context, rate string, redisVars ...string) {
	r.t.Helper()
	r.fleet = startFleet(r.t, workers, r.worker, r.dir, environ(append(r.workerVars(rate), redisVars...)...))
	if err := r.fleet.awaitWork(ctx); err != nil {
		r.t.Fatal(err)
	}
}

// apps makes ready who feeds the workers.
func (r *run) apps(way store.Options, redisVars ...string) {
	r.t.Helper()
	client := store.Open(way)
	r.t.Cleanup(func() { _ = client.Close() })
	replicas := 0
	if slices.Contains(redisVars, "REDIS_WAIT_REPLICAS=1") {
		replicas = 1
	}
	door, err := wxdispatch.New(wxdispatch.Redis(client, wxdispatch.WithWaitReplicas(replicas)))
	if err != nil {
		r.t.Fatal(err)
	}
	r.feed = &feeder{client: door, command: r.enqueue, env: environ(redisVars...), dir: r.t.TempDir()}
}

// environ is the environment of a program: this one's without wxdispatch's own
// variables, and those given, WXDISPATCH_ left out.
func environ(vars ...string) []string {
	var env []string
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "WXDISPATCH_") {
			env = append(env, line)
		}
	}
	for _, line := range vars {
		env = append(env, "WXDISPATCH_"+line)
	}
	return env
}

// workerVars configures a worker but for its Redis.
func (r *run) workerVars(rate string) []string {
	vars := []string{
		"WECHAT_BASE_URL=" + r.stand.url, "WECHAT_TIMEOUT=" + callTimeout.String(),
		"RETRY_MIN_DELAY=200ms", "RETRY_MAX_DELAY=3s",
		"WORKER_SHUTDOWN_TIMEOUT=" + shutdownTimeout.String(), "LOG_LEVEL=" + *logLevel,
	}
	for _, account := range [][3]string{{"SHOP", "official", shopAppID}, {"MINI", "miniprogram", miniAppID}} {
		prefix := "ACCOUNTS_" + account[0]
		vars = append(vars, prefix+"_TYPE="+account[1], prefix+"_APPID="+account[2], prefix+"_SECRET="+secret, prefix+"_RATE="+rate)
	}
	return vars
}

// told names a file that what a run tells is written to as well: go test shows
// nothing of a test that passes.
const told = "WXDISPATCH_TEST_CHAOS_REPORT"

// tell says what happens, as it happens.
func (r *run) tell(format string, args ...any) {
	r.t.Helper()
	r.t.Logf(format, args...)
	name := os.Getenv(told)
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = fmt.Fprintf(file, r.t.Name()+": "+format+"\n", args...)
	if err := errors.Join(err, file.Close()); err != nil {
		r.t.Fatal(err)
	}
}
