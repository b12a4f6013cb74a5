package wechat

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

// keeper answers as WeChat's stable_token does: the same token until one is
// forced. It notes what it was asked.
type keeper struct {
	number int
	asked  []string
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Force bool   `json:"force_refresh"`
		Stale string `json:"stale"`
	}
	_ = json.NewDecoder(r.Body).Decode(&ask)
	k.asked = append(k.asked, strings.TrimSpace(fmt.Sprint(r.Method, " ", r.URL.Path, " ", ask.Force, " ", ask.Stale)))
	if ask.Force || k.number == 0 {
		k.number++
	}
	_, _ = io.WriteString(w, fmt.Sprintf(`{"access_token":"SECRET-%d","expires_in":7200}`, k.number))
}

func (k *keeper) calls(t *testing.T, want ...string) {
	t.Helper()
	if strings.Join(k.asked, "|") != strings.Join(want, "|") {
		t.Errorf("asked %q, want %q", k.asked, want)
	}
	k.asked = nil
}

func TestARefusedStableTokenIsForcedAnew(t *testing.T) {
	const ordinary, forced = "POST /cgi-bin/stable_token false", "POST /cgi-bin/stable_token true"
	k := new(keeper)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	source := NewTokenSource(reach(t, stand(t, false, k.ServeHTTP), Options{}),
		Grant{Mode: Stable, AppID: "wx1", Secret: testSecret}, func() time.Time { return now })
	fetch := func(stale, want string) {
		t.Helper()
		if got, life, err := source.Fetch(t.Context(), stale); err != nil || got != want || life != 2*time.Hour {
			t.Errorf("Fetch(%q) = %q, %v, %v", stale, got, life, err)
		}
	}
	fetch("", "SECRET-1")
	k.calls(t, ordinary)
	fetch("SECRET-1", "SECRET-2")
	k.calls(t, ordinary, forced)
	// Somebody else has renewed it already: nothing is forced.
	fetch("SECRET-1", "SECRET-2")
	k.calls(t, ordinary)

	now = now.Add(10 * time.Second)
	_, _, err := source.Fetch(t.Context(), "SECRET-2")
	if !fault.Is(err, fault.Busy) || fault.RetryAfter(err) != 20*time.Second {
		t.Errorf("forced twice within 30 s: %v, retry after %v", err, fault.RetryAfter(err))
	}
	noSecret(t, err.Error())
	k.calls(t, ordinary)
	now = now.Add(20 * time.Second)
	fetch("SECRET-2", "SECRET-3")
	k.calls(t, ordinary, forced)
}

func TestOtherModesAreAskedOnce(t *testing.T) {
	k := &keeper{number: 1}
	s := stand(t, false, k.ServeHTTP)
	client := reach(t, s, Options{})
	for _, tc := range []struct {
		grant Grant
		want  string
	}{
		{Grant{Mode: Classic, AppID: "wx1", Secret: testSecret}, "GET /cgi-bin/token false"},
		{Grant{Mode: External, URL: s.URL + "/token"}, "POST /token/refresh false SECRET-1"},
	} {
		if _, _, err := NewTokenSource(client, tc.grant, nil).Fetch(t.Context(), "SECRET-1"); err != nil {
			t.Error(err)
		}
		k.calls(t, tc.want)
	}
}
