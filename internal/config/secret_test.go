package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const hidden = "SENTINEL-do-not-print"

// everySecret is a configuration with a secret wherever one may stand.
func everySecret(t *testing.T) *Config {
	t.Helper()
	return mustLoad(t, strings.ReplaceAll(`
redis: {password: H}
wechat: {proxy: "http://u:H@proxy.example:1"}
accounts:
  shop:
    type: official
    secret: H
    token: external
    token_source: {url: "https://a.example", key: H}
    callback: {token: H, previous_token: H}
    events: {url: "https://a.example", secret: H}
worker: {user: me, password: H, metrics_token: H}
api: {keys: {app: {key: H, scopes: [send]}}}
traces: {endpoint: "https://a.example", authorization: H}
`, "H", hidden))
}

func TestPrintingAConfigShowsNoSecret(t *testing.T) {
	cfg := everySecret(t)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb, cfg)
		fmt.Fprintf(&out, verb, *cfg)
		fmt.Fprintf(&out, verb, cfg.Redis.Password)
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("loaded", slog.Any("config", cfg), slog.Any("value", *cfg), slog.Any("one", cfg.Redis.Password))
	}
	if err := json.NewEncoder(&out).Encode(cfg); err != nil {
		t.Fatal(err)
	}
	if err := yaml.NewEncoder(&out).Encode(cfg); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), hidden) || strings.Contains(out.String(), fmt.Sprintf("%x", hidden)) {
		t.Errorf("a secret is printed:\n%s", out.String())
	}
	if !strings.Contains(out.String(), redacted) || Secret("").String() != "" {
		t.Error("a reader cannot tell a secret that is set from an empty one")
	}
	if cfg.Redis.Password.Reveal() != hidden {
		t.Error("Reveal does not return the secret")
	}
}

func TestMistakesShowNoSecret(t *testing.T) {
	for _, text := range []string{
		"redis: {password: [H]}",
		"accounts: {shop: {type: official, token: H}}",
		"accounts: {shop: {type: official, callback: {token: H, aes_key: H}}}",
		"accounts: {shop: {type: official, events: {url: 'H'}}}",
		"accounts: {shop: {type: official, base_url: 'https://u:H@a.example'}}",
		"wechat: {proxy: 'ftp://u:H@a.example'}",
		"wechat: {base_url: 'https://a.example/%zz?key=H'}",
		"api: {keys: {a: {key: H, scopes: [send]}, b: {key: H, scopes: [send]}}}",
		"worker: {metrics_token: H, password: H}",
		"worker: {password: H, password: H}",
		"worker: {password: *H }",
		"worker: {user: me, password: *H}",
	} {
		_, err := load(t, strings.ReplaceAll(text, "H", hidden))
		if err == nil {
			t.Errorf("%s: no mistake found", text)
		} else if strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: the error shows the secret: %v", text, err)
		}
	}
}
