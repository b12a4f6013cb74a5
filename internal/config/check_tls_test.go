package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxdispatch/internal/redistest"
)

// TestRedisOverTLS: files are found beside the configuration, and what is wrong
// with one is told by its key.
func TestRedisOverTLS(t *testing.T) {
	authority, stranger := redistest.NewAuthority(t), redistest.NewAuthority(t)
	dir := t.TempDir()
	for from, to := range map[string]string{authority.CAFile: "ca.pem", authority.CertFile: "cert.pem", authority.KeyFile: "key.pem", stranger.KeyFile: "other.pem"} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, to, string(text))
	}
	write(t, dir, "none.pem", "nothing")
	for _, c := range []struct{ keys, path, words string }{
		{"tls: true, ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem", "", ""},
		{"ca_file: ca.pem", "redis.ca_file", "set redis.tls: true"},
		{"key_file: key.pem", "redis.key_file", "set redis.tls: true"},
		{"tls: true, ca_file: nowhere.pem", "redis.ca_file", "cannot be read"},
		{"tls: true, ca_file: none.pem", "redis.ca_file", "holds no PEM certificate"},
		{"tls: true, cert_file: cert.pem", "redis.key_file", "both or none"},
		{"tls: true, key_file: key.pem", "redis.cert_file", "both or none"},
		{"tls: true, cert_file: cert.pem, key_file: other.pem", "redis.cert_file", "belong together"},
		{"tls: true, mode: embedded", "redis.tls", "speaks none"},
	} {
		write(t, dir, ConfigFile, "redis: {"+c.keys+"}")
		cfg, err := Load(Options{Dir: dir})
		switch {
		case c.path != "":
			if fields := fieldsOf(t, err); len(fields) != 1 || !strings.Contains(fields[c.path], c.words) {
				t.Errorf("%s: told %v, want %q at %s alone", c.keys, err, c.words, c.path)
			}
		case err != nil:
			t.Errorf("%s: %v", c.keys, err)
		case cfg.Redis.CAFile != filepath.Join(dir, "ca.pem"):
			t.Errorf("found beside the configuration: %s", cfg.Redis.CAFile)
		}
	}
}
