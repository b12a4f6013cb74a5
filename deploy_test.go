package wxdispatch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"wxdispatch/internal/config"
)

// composed is what these tests read of docker-compose.yml.
type composed struct {
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
}

type service struct {
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Grace       string            `yaml:"stop_grace_period"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

func compose(t *testing.T) composed {
	t.Helper()
	var c composed
	if err := yaml.Unmarshal([]byte(text(t, "docker-compose.yml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// loaded is the configuration that a container has: its variables, no file.
func loaded(t *testing.T, s service) *config.Config {
	t.Helper()
	var env []string
	for name, value := range s.Environment {
		if !strings.HasPrefix(name, "WXDISPATCH_") {
			t.Errorf("variable %s is none of ours", name)
		}
		env = append(env, name+"="+value)
	}
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestComposeConfiguresEachProgram(t *testing.T) {
	checks := map[string]func(*config.Config) error{
		"worker run":    (*config.Config).CheckWorker,
		"enqueue serve": (*config.Config).CheckServe,
	}
	running := map[string]int{}
	for name, s := range compose(t).Services {
		command := strings.Join(s.Command, " ")
		check, ours := checks[command]
		if !ours {
			continue
		}
		running[command]++
		cfg := loaded(t, s)
		if err := check(cfg); err != nil {
			t.Errorf("%s refuses to start: %v", name, err)
		}
		grace, err := time.ParseDuration(s.Grace)
		if err != nil || grace <= cfg.Worker.ShutdownTimeout {
			t.Errorf("%s: stop_grace_period %q must be longer than worker.shutdown_timeout %s", name, s.Grace, cfg.Worker.ShutdownTimeout)
		}
	}
	if running["worker run"] != 2 || running["enqueue serve"] != 1 {
		t.Errorf("running: %v, want two workers and one serve", running)
	}
}

func TestComposeRunsProgramsOfTheImage(t *testing.T) {
	dockerfile := text(t, "Dockerfile")
	for name, s := range compose(t).Services {
		if s.Image != "wxdispatch" {
			continue
		}
		program := s.Command[0]
		if _, err := os.Stat(filepath.Join("cmd", program)); err != nil {
			t.Errorf("%s runs %s: %v", name, program, err)
		}
		if !strings.Contains(dockerfile, "./cmd/"+program) || !strings.Contains(dockerfile, "/out/"+program) {
			t.Errorf("%s runs %s, which the Dockerfile does not build and copy", name, program)
		}
	}
}

func TestComposeKeepsToItself(t *testing.T) {
	c := compose(t)
	for name, s := range c.Services {
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s to everyone; start it with 127.0.0.1:", name, port)
			}
		}
	}
	for _, name := range []string{"redis", "wechatsim"} {
		if ports := c.Services[name].Ports; len(ports) > 0 {
			t.Errorf("%s takes orders from anyone and publishes %v", name, ports)
		}
	}
}

func TestComposeRedisKeepsWhatItTook(t *testing.T) {
	c := compose(t)
	redis := c.Services["redis"]
	command := strings.Join(redis.Command, " ")
	for _, flag := range []string{"--appendonly yes", "--maxmemory-policy noeviction"} {
		if !strings.Contains(command, flag) {
			t.Errorf("redis runs as %q, without %s", command, flag)
		}
	}
	if len(redis.Healthcheck.Test) == 0 {
		t.Error("redis has no healthcheck, so the programs start before it answers")
	}
	if len(redis.Volumes) != 1 || !strings.HasSuffix(redis.Volumes[0], ":/data") {
		t.Fatalf("redis keeps its data in %v, want one volume on /data", redis.Volumes)
	}
	if _, ok := c.Volumes[strings.TrimSuffix(redis.Volumes[0], ":/data")]; !ok {
		t.Error("the volume of redis is not declared")
	}
}

// The stand-in knows the accounts that the programs send with.
func TestComposeStandInKnowsTheAccounts(t *testing.T) {
	c := compose(t)
	cfg, command := loaded(t, c.Services["serve"]), c.Services["wechatsim"].Command
	for _, name := range []string{"shop", "mini"} {
		a := cfg.Accounts[name]
		app := a.AppID + ":" + a.Secret.Reveal() + ":" + string(a.Type)
		if !slices.Contains(command, app) {
			t.Errorf("the stand-in is started without account %s", name)
		}
	}
	if !slices.Contains(command, "--allow-remote") {
		t.Error("the stand-in refuses to listen beyond loopback without --allow-remote")
	}
	for _, s := range c.Services {
		for name, value := range s.Environment {
			secret := regexp.MustCompile(`_(SECRET|PASSWORD|TOKEN|KEY)$`).MatchString(name)
			if secret && !strings.HasPrefix(value, "sample") {
				t.Errorf("%s does not look like a sample", name)
			}
		}
	}
}

func TestDockerfile(t *testing.T) {
	dockerfile := text(t, "Dockerfile")
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath"} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("the build is without %s", want)
		}
	}
	users := regexp.MustCompile(`(?m)^USER (\S+)$`).FindAllStringSubmatch(dockerfile, -1)
	if len(users) == 0 || regexp.MustCompile(`^(root|0)(:|$)`).MatchString(users[len(users)-1][1]) {
		t.Errorf("the programs run as root: USER %v", users)
	}
	for _, line := range regexp.MustCompile(`(?m)^COPY (.+)$`).FindAllStringSubmatch(dockerfile, -1) {
		words := strings.Fields(line[1])
		if strings.HasPrefix(words[0], "--from=") {
			continue
		}
		for _, source := range words[:len(words)-1] {
			if found, err := filepath.Glob(source); err != nil || len(found) == 0 {
				t.Errorf("COPY %s: no such file", source)
			}
			if !strings.Contains(text(t, ".dockerignore"), "\n!"+source+"\n") {
				t.Errorf("COPY %s: .dockerignore keeps it from the build", source)
			}
		}
	}
}

// TestTheImageHasAllThatItsProgramsImport holds the imports against what the
// Dockerfile copies.
func TestTheImageHasAllThatItsProgramsImport(t *testing.T) {
	packages, err := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}", "./cmd/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dockerfile := text(t, "Dockerfile")
	for _, path := range strings.Fields(string(packages)) {
		folder, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, "wxdispatch"), "/"), "/")
		if folder == "" {
			folder = "*.go"
		}
		if !strings.Contains(dockerfile, "COPY "+folder+" ") {
			t.Errorf("%s is imported, and the Dockerfile does not copy %s", path, folder)
		}
	}
}
