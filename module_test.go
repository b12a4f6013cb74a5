package wxdispatch_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
)

// An app in a module of its own takes the client as README.md says, builds the
// program that stands there, and its message is in Redis.
func TestAnAppInAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program: left out with -short")
	}
	client := redistest.Mini(t)
	if err := registry.New(client).Publish(t.Context(), []registry.Account{{Name: "shop", Type: wxdispatch.Official}}); err != nil {
		t.Fatal(err)
	}
	program, commands := appOf(t, readPage(t, "README.md"))
	folder := besideCheckout(t, strings.Replace(program, "127.0.0.1:6379", client.(*redis.Client).Options().Addr, 1))
	var out string
	for _, command := range commands {
		out = inFolder(t, folder, command)
	}
	if want := "order-1001-paid queued duplicate: false\n"; out != want {
		t.Errorf("the app says %q, want %q", out, want)
	}
	door, err := wxdispatch.New(wxdispatch.Redis(client))
	if err != nil {
		t.Fatal(err)
	}
	if record, err := door.Status(t.Context(), "shop", "order-1001-paid"); err != nil || record.OpenID != "OPENID" {
		t.Errorf("%+v, %v", record, err)
	}
}

// In a workspace neither require nor replace is needed.
func TestAnAppInAWorkspace(t *testing.T) {
	program, _ := appOf(t, readPage(t, "README.md"))
	folder := besideCheckout(t, program)
	inFolder(t, folder, "go work init . ../wxdispatch")
	if found := inFolder(t, folder, "go list -deps -f {{.ImportPath}} ."); !strings.Contains(found, "\nwxdispatch\n") {
		t.Errorf("the app is built of\n%s", found)
	}
}

// appOf returns the page's program and the commands before it.
func appOf(t *testing.T, p page) (program string, commands []string) {
	t.Helper()
	for i, b := range p.blocks {
		if b.lang == "go" && i > 0 {
			return b.text, strings.Split(strings.TrimSpace(p.blocks[i-1].text), "\n")
		}
	}
	t.Fatalf("%s has no Go program", p.name)
	return "", nil
}

// besideCheckout makes a module with the program next to this one.
func besideCheckout(t *testing.T, program string) string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	top := t.TempDir()
	folder := filepath.Join(top, "app")
	sums, err := os.ReadFile("go.sum")
	if err == nil {
		err = os.Symlink(here, filepath.Join(top, "wxdispatch"))
	}
	if err == nil {
		err = os.Mkdir(folder, 0o755)
	}
	for name, text := range map[string]string{"main.go": program, "go.mod": "module example.com/app\n\ngo 1.26\n", "go.sum": string(sums)} {
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// inFolder runs a command of the page and returns what it says. Nothing is
// fetched: what this module needs is here already.
func inFolder(t *testing.T, folder, command string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("go is needed to build an app: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	words := strings.Fields(command)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=", "GOPROXY=off", "GOSUMDB=off", "GO111MODULE=on")
	var out, told strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, told.String())
	}
	return out.String()
}
