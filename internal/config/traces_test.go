package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTracesByVariablesAndByFile(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "collector")
	if err := os.WriteFile(secret, []byte("Bearer of-the-collector\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(Options{Dir: t.TempDir(), Env: []string{
		"WXDISPATCH_TRACES_ENDPOINT=http://127.0.0.1:4318", "WXDISPATCH_TRACES_SAMPLE=0.25", "WXDISPATCH_TRACES_AUTHORIZATION_FILE=" + secret}})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Traces{Endpoint: "http://127.0.0.1:4318", Authorization: "Bearer of-the-collector", Sample: 0.25}); cfg.Traces != want {
		t.Errorf("%+v, %q", cfg.Traces, cfg.Traces.Authorization.Reveal())
	}
}
