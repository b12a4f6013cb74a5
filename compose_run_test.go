package wxdispatch_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/wechattest"
)

// TestWhatIsDeployedRuns builds the programs once and runs them as they are
// deployed.
func TestWhatIsDeployedRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three programs")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+"/", "./cmd/worker", "./cmd/enqueue", "./cmd/wechatsim")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("docker compose up", func(t *testing.T) { composeSendsTheExamples(t, bin) })
	t.Run("the first real message", func(t *testing.T) { theFirstMessageGoes(t, bin) })
}

// theFirstMessageGoes does what docs/operations.md tells of the first message:
// its configuration with a file for each secret, then its commands.
func theFirstMessageGoes(t *testing.T, bin string) {
	var lines []string
	var cfg string
	for _, b := range readPage(t, "docs/operations.md").blocks {
		switch {
		case b.lang == "yaml" && strings.Contains(b.text, "accounts:"): // a whole configuration
			cfg = b.text
		case b.lang == "sh":
			lines = append(lines, strings.Split(strings.TrimSpace(b.text), "\n")...)
		}
	}
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wx0000000000000000", Secret: "sample", Type: message.Official}}})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	folder := t.TempDir()
	cfg = filesFor(t, cfg, "/etc/wxdispatch/secrets", folder)
	write(t, filepath.Join(folder, "config.yaml"), strings.ReplaceAll(cfg, "127.0.0.1:6379", redistest.Server(t, "--appendonly", "yes")))
	h := &host{t: t, bin: bin, places: strings.NewReplacer("TEMPLATE", "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY")}
	environment := map[string]string{"WXDISPATCH_CONFIG": filepath.Join(folder, "config.yaml"),
		"WXDISPATCH_WECHAT_BASE_URL": sim.URL, "WXDISPATCH_WORKER_LISTEN": "127.0.0.1:0"}
	h.stays(service{Command: []string{"worker"}, Environment: environment}, "worker runs")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, line := range lines {
		out, err := h.command(ctx, service{Command: strings.Fields(line), Environment: environment}).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		if strings.Contains(line, "--wait") && !strings.Contains(string(out), "accepted") {
			t.Errorf("%s\n%s", line, out)
		}
	}
	if len(sim.Deliveries()) != 1 {
		t.Errorf("%d messages arrived after\n%s", len(sim.Deliveries()), strings.Join(lines, "\n"))
	}
}

// composeSendsTheExamples runs what docker-compose.yml starts as processes of this
// machine: the same commands with the same variables and no file, only that the
// names of containers are addresses on loopback.
func composeSendsTheExamples(t *testing.T, bin string) {
	c := compose(t)
	server := redistest.Start(t, c.Services["redis"].Command[1:]...)
	wechat := freeAddr(t)
	h := &host{t: t, bin: bin, places: strings.NewReplacer("redis:6379", server.Addr, "wechatsim:8090", wechat, "0.0.0.0:8090", wechat,
		"0.0.0.0:8080", "127.0.0.1:0", "0.0.0.0:8081", freeAddr(t), "0.0.0.0:8082", freeAddr(t), "/examples/", absolute(t, "examples")+"/")}
	h.stays(c.Services["wechatsim"], "stand-in WeChat at")
	h.stays(c.Services["serve"], "the HTTP API serves")
	h.stays(c.Services["worker-1"], "worker runs")
	h.stays(c.Services["worker-2"], "worker runs")

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, turn := range []string{"first", "second"} {
		out, err := h.command(ctx, c.Services["examples"]).CombinedOutput()
		if err != nil {
			t.Fatalf("the %s docker compose up: examples: %v\n%s", turn, err, out)
		}
		if n := bytes.Count(out, []byte("accepted")); n < len(examplesIn(t)) {
			t.Errorf("the %s docker compose up: %d of %d examples were accepted:\n%s", turn, n, len(examplesIn(t)), out)
		}
	}
}

// TestComposeSendsEveryExample: none is forgotten in the list, which has no shell
// to find them.
func TestComposeSendsEveryExample(t *testing.T) {
	sent := compose(t).Services["examples"].Command
	for _, name := range examplesIn(t) {
		if !slices.Contains(sent, "/examples/"+name) {
			t.Errorf("examples/%s is not sent", name)
		}
	}
}

func examplesIn(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	return names
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

// host is this machine in the place of Docker.
type host struct {
	t      *testing.T
	bin    string
	places *strings.Replacer
}

// command is a service's container as a process.
func (h *host) command(ctx context.Context, s service) *exec.Cmd {
	args := make([]string, len(s.Command))
	for i, arg := range s.Command {
		args[i] = h.places.Replace(arg)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(h.bin, args[0]), args[1:]...)
	cmd.Dir = h.t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir}
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		cmd.Env = append(cmd.Env, name+"="+h.places.Replace(s.Environment[name]))
	}
	return cmd
}

// stays starts a service and returns once it said that it is up. It is ended
// with SIGTERM when the test ends, and has to end well.
func (h *host) stays(s service, up string) {
	h.t.Helper()
	cmd := h.command(context.Background(), s)
	said := &output{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	gone := make(chan struct{})
	var ended error // after gone
	go func() { ended = cmd.Wait(); close(gone) }()
	h.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-gone:
			if ended != nil {
				h.t.Errorf("%v ended with %v:\n%s", s.Command, ended, said.text())
			}
		case <-time.After(endTime):
			_ = cmd.Process.Kill()
			h.t.Errorf("%v does not end:\n%s", s.Command, said.text())
		}
	})
	late := time.After(time.Minute)
	for news := said.news(); !strings.Contains(said.text(), up); news = said.news() {
		select {
		case <-news:
		case <-gone:
			h.t.Fatalf("%v ended before it said %q: %v\n%s", s.Command, up, ended, said.text())
		case <-late:
			h.t.Fatalf("%v never said %q:\n%s", s.Command, up, said.text())
		}
	}
}
