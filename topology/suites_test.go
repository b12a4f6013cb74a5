package topology_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wxdispatch/internal/redistest"
)

// rooms whose own suites run on a Cluster, too: those with decisions that no
// command asks for.
var rooms = []string{"ledger", "token", "store"}

// slow are tests of theirs that are about time and numbers, not about slots.
const slow = "TestEnds|TwoRuns|Model"

// suites runs the tests of rooms that run on every Redis, on a cluster.
func suites(t *testing.T, ring *redistest.Ring) {
	for _, room := range rooms {
		args := []string{"test", "-count=1", "-vet=off", "-run", everyRedis(t, room), "-skip", slow, "./internal/" + room}
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = "..", append(os.Environ(), redistest.OnRing+"="+strings.Join(ring.Addrs(), ","))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", room, err, out)
		}
		t.Logf("%s", out)
	}
}

var (
	function  = regexp.MustCompile(`(?ms)^func (Test\w+)\(t \*testing\.T\) \{$(.*?)^\}$`)
	overRedis = regexp.MustCompile(`\b(redistest\.Each|each[A-Z]\w*)\(`)
)

// everyRedis names a room's tests that run on every Redis, as -run takes it.
func everyRedis(t *testing.T, room string) string {
	files, err := filepath.Glob("../internal/" + room + "/*_test.go")
	must(t, err)
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, found := range function.FindAllSubmatch(text, -1) {
			if overRedis.Match(found[2]) {
				names = append(names, string(found[1]))
			}
		}
	}
	return "^(" + strings.Join(names, "|") + ")$"
}
