package wxdispatch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"wxdispatch/internal/config"
)

// samples are what the files behind …_file keys hold; a key's own sort of text.
var samples = map[string]string{"aes-key": strings.Repeat("a", 43), "key": "sample-key-of-sixteen-or-more"}

// TestTheConfigurationOfThePods loads what the ConfigMap holds, with a file for
// each that it names, as the Secret has one.
func TestTheConfigurationOfThePods(t *testing.T) {
	const mounted = "/run/secrets/wxdispatch"
	folder, page := t.TempDir(), text(t, "deploy/kubernetes/config.yaml")
	file := filepath.Join(folder, "config.yaml")
	write(t, file, filesFor(t, page, mounted, folder))
	cfg, err := config.Load(config.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func() error{"worker": cfg.CheckWorker, "serve": cfg.CheckServe} {
		if err := check(); err != nil {
			t.Errorf("%s refuses to start: %v", name, err)
		}
		var d struct {
			Spec struct {
				Template struct {
					Spec struct {
						Grace int `yaml:"terminationGracePeriodSeconds"`
					} `yaml:"spec"`
				} `yaml:"template"`
			} `yaml:"spec"`
		}
		if err := yaml.Unmarshal([]byte(text(t, "deploy/kubernetes/"+name+".yaml")), &d); err != nil {
			t.Fatal(err)
		}
		if grace := time.Duration(d.Spec.Template.Spec.Grace) * time.Second; grace <= cfg.Worker.ShutdownTimeout {
			t.Errorf("%s is killed after %s; worker.shutdown_timeout is %s", name, grace, cfg.Worker.ShutdownTimeout)
		}
	}
	if cfg.Accounts["shop"].Callback.AESKey == "" || cfg.Redis.Password == "" {
		t.Error("the secrets are not read from their files")
	}
}

// filesFor makes a file in folder for each that a configuration names under
// mounted, and answers the configuration that names those.
func filesFor(t *testing.T, page, mounted, folder string) string {
	t.Helper()
	for _, found := range regexp.MustCompile(mounted+`/([a-z-]+)`).FindAllStringSubmatch(page, -1) {
		value := "sample"
		for end, of := range samples {
			if strings.HasSuffix(found[1], end) && len(of) > len(value) {
				value = of
			}
		}
		write(t, filepath.Join(folder, found[1]), value)
	}
	return strings.ReplaceAll(page, mounted, folder)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUnits holds the systemd units against what they run, and against systemd
// itself where it is.
func TestUnits(t *testing.T) {
	units, err := filepath.Glob("deploy/systemd/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("units %v, %v", units, err)
	}
	runs := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/((\w+)(?: \w+)*) --config /etc/wxdispatch/config.yaml$`)
	for _, unit := range units {
		page := text(t, unit)
		started := runs.FindStringSubmatch(page)
		if started == nil {
			t.Errorf("%s starts nothing of ours", unit)
			continue
		}
		if _, err := os.Stat(filepath.Join("cmd", started[2])); err != nil || started[1] != "worker run" && started[1] != "enqueue serve" {
			t.Errorf("%s starts %q: %v", unit, started[1], err)
		}
		stop := regexp.MustCompile(`(?m)^TimeoutStopSec=(\w+)$`).FindStringSubmatch(page)
		if stop == nil {
			t.Errorf("%s has no TimeoutStopSec", unit)
			continue
		}
		if d, err := time.ParseDuration(stop[1]); err != nil || d <= config.Defaults().Worker.ShutdownTimeout {
			t.Errorf("%s is killed after %s; worker.shutdown_timeout is %s", unit, stop[1], config.Defaults().Worker.ShutdownTimeout)
		}
		verify(t, filepath.Base(unit), strings.ReplaceAll(page, "/usr/local/bin/"+started[2], "/bin/true"))
	}
}

// verify asks systemd what it does not know in a unit.
func verify(t *testing.T, name, page string) {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not here; the unit is only read")
		return
	}
	file := filepath.Join(t.TempDir(), name)
	write(t, file, page)
	if out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || strings.Contains(string(out), name+":") {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
}
