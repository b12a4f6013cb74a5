package store

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// teller is a server that may refuse to answer.
type teller struct{ info, settings map[string]string }

func (s teller) Info(context.Context) (map[string]string, error) {
	if s.info == nil {
		return nil, errors.New("NOPERM info")
	}
	return s.info, nil
}

func (s teller) Setting(_ context.Context, name string) (string, error) {
	if s.settings == nil {
		return "", errors.New("NOPERM config")
	}
	return s.settings[name], nil
}

func TestThePolicyIsToldByEitherCommand(t *testing.T) {
	told := map[string]string{"maxmemory_policy": "noeviction"}
	set := map[string]string{"maxmemory-policy": "volatile-ttl"}
	none := map[string]string{}
	for _, test := range []struct {
		name   string
		server teller
		want   string // "": nobody tells
	}{
		{"INFO", teller{told, nil}, "noeviction"},
		{"INFO before CONFIG", teller{told, set}, "noeviction"},
		{"INFO without it", teller{none, set}, "volatile-ttl"},
		{"INFO is refused", teller{nil, set}, "volatile-ttl"},
		{"both are refused", teller{nil, nil}, ""},
		{"neither has it", teller{none, none}, ""},
	} {
		if got, err := Policy(t.Context(), test.server); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func FuzzInfo(f *testing.F) {
	f.Add("# Server\r\nredis_version:7.0.15\r\n\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name := range parseInfo(text) {
			if strings.ContainsAny(name, ":\n") || strings.HasPrefix(name, "#") {
				t.Fatalf("%q: the field %q", text, name)
			}
		}
	})
}
