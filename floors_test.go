package wxdispatch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module  = "wxdispatch"
	foreign = "lib:" // stands before what is not of this module
)

// floors says on which floor each package stands. Arrows only go down.
var floors = map[string]int{
	"internal/message":      0,
	"internal/message/keys": 0,
	"internal/fault":        0,
	"internal/gather":       0,
	"internal/permit":       0,
	"internal/query":        0,
	"internal/standing":     0,
	"internal/template":     0,
	"examples":              0,

	"internal/wechat":            1,
	"internal/wechat/send":       1,
	"internal/wechat/push":       1,
	"internal/wechat/wechattest": 1,
	"internal/ledger":            1,
	"internal/pace":              1,
	"internal/token":             1,
	"internal/tasks":             1,
	"internal/config":            1,
	"internal/events":            1,
	"internal/inbox":             1,
	"internal/store":             1,
	"internal/listen":            1,
	"internal/metrics":           1,
	"internal/registry":          1,
	"internal/template/lint":     1,
	"internal/trace":             1,
	"internal/trace/tracetest":   1,
	"internal/catalogue":         1,
	"internal/redistest":         1,
	"internal/secrettest":        1,

	"internal/dispatch": 2,
	"internal/intake":   2,
	"internal/lane":     2,
	"internal/callback": 2,
	"internal/api":      2,
	"internal/admin":    2,
	"internal/bulk":     2,
	"internal/sweep":    2,
	"internal/park":     2,
	"internal/tender":   2,
	"internal/operator": 2,

	"internal/worker":       3,
	"internal/worker/check": 3,
	"internal/gateway":      3,
	"internal/desk":         3,
	"internal/remote":       3,
	"internal/access":       3,

	"cmd/worker":    4,
	"cmd/enqueue":   4,
	"cmd/wechatsim": 4,
	"chaos":         4,
	"bench":         4,
	"topology":      4,
	".":             4,
}

// neighbours are the arrows within a floor that are meant.
var neighbours = map[string][]string{
	"internal/message":      {"internal/fault"},
	"internal/permit":       {"internal/message"},
	"internal/query":        {"internal/message", "internal/fault"},
	"internal/standing":     {"internal/message", "internal/template"},
	"internal/template":     {"internal/message", "internal/fault"},
	"internal/message/keys": {"internal/message", "internal/fault"},
	"internal/wechat/send":  {"internal/wechat"},
	"internal/bulk":         {"internal/intake"},
	// The desk is what all who serve producers stand on.
	"internal/gateway": {"internal/desk", "internal/access"},
	// An account's way to WeChat and to its token is the same for all.
	// The worker's pages look up and do what the commands and the API do.
	"internal/worker": {"internal/access", "internal/desk"},
	// Commands may use the Go client as any app does.
	"cmd/enqueue": {"."},
	"cmd/worker":  {"."},
	// The soak hands messages over as an app does.
	"bench": {"."},
}

// notLinked must not be reached from a command, however far down.
var notLinked = map[string][]string{
	"cmd/enqueue": {"internal/dispatch", "internal/wechat/send", "internal/lane"},
	".":           {"internal/dispatch", "internal/wechat/send", "internal/lane", "internal/api", "internal/config", "internal/trace"},
}

// forTests may be imported by tests and by these programs only.
var forTests = map[string][]string{
	"internal/wechat/wechattest": {"cmd/wechatsim", "cmd/worker", "bench"},
	"internal/redistest":         nil,
	"internal/secrettest":        nil,
	"internal/trace/tracetest":   nil,
}

// library is one that few may see.
type library struct {
	name   string
	prefix string
	seenBy func(pkg string) bool
	who    string
}

var libraries = []library{
	{"asynq", "github.com/hibiken/asynq", func(pkg string) bool {
		return pkg == "internal/tasks" || pkg == "internal/lane" || assembles(pkg)
	}, "tasks, lane and the assemblers (worker, gateway, cmd, root)"},
	{"go-redis", "github.com/redis/go-redis", func(pkg string) bool {
		return floors[pkg] == 1 || assembles(pkg)
	}, "floor 1 and the assemblers (worker, gateway, cmd, root)"},
	{"OpenTelemetry", "go.opentelemetry.io", func(pkg string) bool {
		return strings.HasPrefix(pkg, "internal/trace")
	}, "internal/trace"},
}

func assembles(pkg string) bool {
	floor, known := floors[home(pkg)]
	return known && floor >= 3
}

// home returns the program that a package below cmd/PROGRAM/internal is a part
// of, and any other package itself. A program's parts stand on its floor, and
// Go lets nobody else import them.
func home(pkg string) string {
	if program, _, part := strings.Cut(pkg, "/internal/"); part && strings.HasPrefix(pkg, "cmd/") {
		return program
	}
	return pkg
}

// listed is what go list tells of a package, its tests' imports left out.
type listed struct {
	ImportPath string
	Name       string
	Standard   bool
	Imports    []string
}

// graph is all packages by their path; named as short does.
type graph map[string]listed

func TestFloors(t *testing.T) {
	for _, broken := range judge(readGraph(t)) {
		t.Error(broken)
	}
}

func readGraph(t *testing.T) graph {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Name,Standard,Imports", "./...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("go is needed to read the imports: %v", err)
	}
	g := graph{}
	for decoder := json.NewDecoder(out); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range p.Imports {
			p.Imports[i] = short(p.Imports[i])
		}
		g[short(p.ImportPath)] = p
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, ok := g["internal/fault"]; !ok {
		t.Fatal("go list does not know internal/fault: the test looks at the wrong folder")
	}
	return g
}

// short turns a path of this module into the folder's. Others get a mark, so
// that the standard library's internal packages are not taken for ours.
func short(path string) string {
	if path == module {
		return "."
	}
	if folder, ok := strings.CutPrefix(path, module+"/"); ok {
		return folder
	}
	return foreign + path
}

// judge returns a sentence for each arrow that must not be, sorted.
func judge(g graph) []string {
	var broken []string
	for path, p := range g {
		if !ours(path) || p.Name == "" {
			continue
		}
		if _, known := floors[home(path)]; !known && !strings.HasPrefix(path, "examples/") {
			broken = append(broken, path+" is new: give it a floor in floors_test.go")
			continue
		}
		for _, to := range p.Imports {
			if why := arrow(g, path, to); why != "" {
				broken = append(broken, path+" → "+strings.TrimPrefix(to, foreign)+": "+why)
			}
		}
	}
	for from, targets := range notLinked {
		for _, to := range targets {
			if chain := way(g, from, to, map[string]bool{}); chain != nil {
				broken = append(broken, fmt.Sprintf("%s: %s must not link %s; move what it needs to a lower floor",
					strings.Join(chain, " → "), from, to))
			}
		}
	}
	slices.Sort(broken)
	return broken
}

// arrow says what is wrong with an import and what to do, or "".
func arrow(g graph, from, to string) string {
	for _, lib := range libraries {
		if strings.HasPrefix(to, foreign+lib.prefix) && !lib.seenBy(from) {
			return fmt.Sprintf("only %s see %s; declare the interface you need and let an assembler fill it", lib.who, lib.name)
		}
	}
	if !ours(to) {
		if floor, known := floors[from]; known && floor == 0 && !g[to].Standard {
			return "floor 0 imports the standard library only; do this one floor up"
		}
		return ""
	}
	if programs, only := forTests[to]; only && !slices.Contains(programs, home(from)) {
		return "is for tests; import it in a _test.go file only"
	}
	return downward(from, to)
}

func downward(from, to string) string {
	if strings.HasPrefix(from, "examples/") {
		if to != "." {
			return "an example is what an app would write; import the root package only"
		}
		return ""
	}
	upper, lower := floors[home(from)], floors[home(to)]
	switch {
	case from == "internal/dispatch" && lower != 0:
		return "the flow imports floor 0 alone; declare the interface that it needs there"
	case lower > upper:
		return fmt.Sprintf("goes up from floor %d to %d; declare an interface in the lower one", upper, lower)
	case lower == upper && home(from) != home(to) && !slices.Contains(neighbours[from], to) && !slices.Contains(neighbours[home(from)], to):
		return fmt.Sprintf("rooms of floor %d do not know each other; let the floor above bring them together", upper)
	}
	return ""
}

func ours(path string) bool { return !strings.HasPrefix(path, foreign) }

// way returns the packages by which from reaches to, or nil.
func way(g graph, from, to string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	seen[from] = true
	for _, next := range g[from].Imports {
		if seen[next] || !ours(next) {
			continue
		}
		if chain := way(g, next, to, seen); chain != nil {
			return append([]string{from}, chain...)
		}
	}
	return nil
}

// Each rule is broken once, so that a rule that no longer bites is noticed.
func TestFloorsAreHeld(t *testing.T) {
	const (
		asynq = foreign + "github.com/hibiken/asynq"
		mon   = foreign + "github.com/hibiken/asynqmon"
		redis = foreign + "github.com/redis/go-redis/v9"
		viper = foreign + "github.com/spf13/viper"
		otel  = foreign + "go.opentelemetry.io/otel"
	)
	tests := []struct{ from, to, want string }{
		{"internal/ledger", "internal/lane", "goes up from floor 1 to 2"},
		{"internal/ledger", "internal/token", "floor 1 do not know each other"},
		{"internal/wechat", "internal/wechat/send", "floor 1 do not know each other"},
		{"internal/wechat/send", "internal/wechat", ""},
		{"internal/api", "internal/intake", "floor 2 do not know each other"},
		{"internal/bulk", "internal/intake", ""},
		{"internal/worker", "internal/gateway", "floor 3 do not know each other"},
		{"internal/worker", "internal/lane", ""},
		{"internal/dispatch", "internal/token", "floor 0 alone"},
		{"internal/dispatch", "internal/fault", ""},
		{"internal/fault", "internal/message", "floor 0 do not know each other"},
		{"internal/message", viper, "standard library only"},
		{"internal/message", foreign + "time", ""},
		{"internal/ledger", asynq, "only tasks, lane"},
		{"internal/lane", asynq, ""},
		{"internal/api", mon, "only tasks, lane"},
		{"internal/worker", mon, ""},
		{"internal/intake", redis, "only floor 1"},
		{"internal/ledger", redis, ""},
		{".", redis, ""},
		{"internal/worker", otel, "only internal/trace"},
		{"internal/trace", otel, ""},
		{"internal/worker", "internal/wechat/wechattest", "is for tests"},
		{"cmd/worker", "internal/wechat/wechattest", ""},
		{"cmd/worker", "internal/redistest", "is for tests"},
		{"cmd/worker", "cmd/worker/internal/demo", ""},
		{"cmd/worker/internal/demo", "internal/wechat/wechattest", ""},
		{"cmd/enqueue/internal/x", "internal/wechat/wechattest", "is for tests"},
		{"cmd/wechatsim", "cmd/worker", "floor 4 do not know each other"},
		{"cmd/enqueue", "internal/lane", "must not link"},
		{"cmd/worker", "internal/lane", ""},
		{"examples/app", "internal/message", "root package only"},
		{"examples/app", ".", ""},
		{"internal/helpers", "internal/fault", "give it a floor"},
	}
	for _, tt := range tests {
		t.Run(tt.from+" "+tt.to, func(t *testing.T) {
			g := graph{
				tt.from:          {Name: "x", Imports: []string{tt.to}},
				foreign + "time": {Name: "time", Standard: true},
			}
			got := strings.Join(judge(g), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestLinkedFromFarDown(t *testing.T) {
	g := graph{
		"cmd/enqueue":      {Name: "main", Imports: []string{"internal/gateway"}},
		"internal/gateway": {Name: "gateway", Imports: []string{"internal/lane"}},
		"internal/lane":    {Name: "lane"},
	}
	got := strings.Join(judge(g), "\n")
	if want := "cmd/enqueue → internal/gateway → internal/lane: "; !strings.Contains(got, want) {
		t.Errorf("got %q, want the whole way in it: %q", got, want)
	}
}
