package wechat

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
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

func TestEachModeIsToldWhatItUnderstands(t *testing.T) {
	k := &keeper{number: 1}
	s := stand(t, false, k.ServeHTTP)
	client := reach(t, s, Options{})
	stable := Grant{Mode: Stable, AppID: "wx1", Secret: testSecret}
	classic := Grant{Mode: Classic, AppID: "wx1", Secret: testSecret}
	external := Grant{Mode: External, URL: s.URL + "/token"}
	for _, tc := range []struct {
		grant Grant
		stale string
		force bool
		call  string
		token string
	}{
		{stable, "", false, "POST /cgi-bin/stable_token false", "SECRET-1"},
		{stable, "SECRET-1", false, "POST /cgi-bin/stable_token false", "SECRET-1"},
		{stable, "SECRET-1", true, "POST /cgi-bin/stable_token true", "SECRET-2"},
		{classic, "SECRET-1", true, "GET /cgi-bin/token false", "SECRET-2"},
		{external, "", true, "GET /token false", "SECRET-2"},
		{external, "SECRET-1", true, "POST /token/refresh false SECRET-1", "SECRET-2"},
	} {
		got, life, err := NewTokenSource(client, tc.grant).Fetch(t.Context(), tc.stale, tc.force)
		if err != nil || got != tc.token || life != 2*time.Hour {
			t.Errorf("%v: %v, %v", tc.grant, life, err)
		}
		k.calls(t, tc.call)
	}
}
