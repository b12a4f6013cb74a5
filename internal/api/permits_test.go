package api_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// papers keeps permits as a test says, and remembers what it was asked.
type papers struct {
	granted  api.Granted
	standing []permit.Standing
	removed  api.Removed
	err      error

	asked []permit.Grant
	of    []string // accounts
}

func (p *papers) Add(_ context.Context, account string, g permit.Grant) (api.Granted, error) {
	p.asked, p.of = append(p.asked, g), append(p.of, account)
	return p.granted, p.err
}

func (p *papers) List(_ context.Context, account, openid string) ([]permit.Standing, error) {
	p.asked, p.of = append(p.asked, permit.Grant{OpenID: openid}), append(p.of, account)
	return p.standing, p.err
}

func (p *papers) Remove(_ context.Context, account string, g permit.Grant) (api.Removed, error) {
	p.asked, p.of = append(p.asked, g), append(p.of, account)
	return p.removed, p.err
}

// permitStand is a stand whose permits are papers.
func permitStand(t *testing.T) (*stand, *papers) {
	s, p := newStand(t), &papers{}
	s.options.Permits = p
	s.api = apiOf(s)
	return s, p
}

const (
	miniPermits = "/api/v1/accounts/mini/permits"
	userPermits = miniPermits + "/oSecretUser"
	aPermit     = `{"openid":"oSecretUser","type":"form","code":"form-1","issued_at":"2026-11-22T20:00:00+08:00"}`
)

func (s *stand) as(key, method, path, body string) *reply {
	s.Helper()
	return s.call(method, path, body, "Authorization", "Bearer "+key)
}

// answers checks a good answer's status and its exact text.
func (got *reply) answers(t *testing.T, status int, text string) {
	t.Helper()
	if got.Code != status || strings.TrimSuffix(got.Body.String(), "\n") != text {
		t.Errorf("%d %s\nwant %d %s", got.Code, got.Body, status, text)
	}
}

func TestPermitAddedAndAddedAgain(t *testing.T) {
	s, p := permitStand(t)
	issued := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p.granted = api.Granted{OpenID: "oSecretUser", Type: message.FormPermit, Code: "form-1", Left: 1, ExpiresAt: permit.Ends(issued)}
	first := s.as(fullKey, "POST", miniPermits, aPermit)
	first.answers(t, 201, `{"openid":"oSecretUser","type":"form","code":"form-1","left":1,"expires_at":"2026-11-29T11:55:00Z","known":false}`)
	if at := first.Header().Get("Location"); at != userPermits {
		t.Errorf("Location %q", at)
	}
	if g := p.asked[0]; g.OpenID != "oSecretUser" || g.Type != message.FormPermit || g.Code != "form-1" || !g.IssuedAt.Equal(issued) || p.of[0] != "mini" {
		t.Errorf("%+v of %s was added", g, p.of[0])
	}
	p.granted.Known, p.granted.ExpiresAt, p.granted.Left = true, time.Time{}, 0
	again := s.as(fullKey, "POST", miniPermits, aPermit)
	again.answers(t, 200, `{"openid":"oSecretUser","type":"form","code":"form-1","left":0,"known":true}`)
	if at := again.Header().Get("Location"); at != "" {
		t.Errorf("nothing was made, but Location is %q", at)
	}
	p.granted = api.Granted{OpenID: "o/?", Type: message.ConsentPermit, Template: "tpl", Left: 7}
	consent := s.as(fullKey, "POST", miniPermits, `{"openid":"o/?","type":"consent","template_id":"tpl","count":2}`)
	consent.answers(t, 201, `{"openid":"o/?","type":"consent","template_id":"tpl","left":7,"known":false}`)
	if at := consent.Header().Get("Location"); at != miniPermits+"/o%2F%3F" {
		t.Errorf("Location %q", at)
	}
	if g := p.asked[2]; g.Template != "tpl" || g.Count != 2 {
		t.Errorf("%+v was added", g)
	}
}

func TestPermitsThatAreBroken(t *testing.T) {
	for _, c := range []struct{ name, body, path string }{
		{"nothing", ``, "line 1, column 1"},
		{"no JSON", `{"openid":`, "line 1, column 11"},
		{"a list", `[` + aPermit + `]`, ""},
		{"no openid", `{"code":"f"}`, "openid"},
		{"a twin", `{"openid":"o","form_id":"f"}`, "form_id"},
		{"another type", `{"openid":"o","type":"forms","code":"f"}`, "type"},
		{"an empty code", `{"openid":"o","type":"form","code":""}`, "code"},
		{"a time in words", `{"openid":"o","code":"f","issued_at":"yesterday"}`, "issued_at"},
		{"too many", `{"openid":"o","type":"consent","template_id":"t","count":1001}`, "count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, p := permitStand(t)
			got := s.as(fullKey, "POST", miniPermits, c.body)
			got.refused(t, 422, "invalid")
			if f := got.body.Error.Fields; len(f) != 1 || f[0].Path != c.path || len(p.asked) > 0 {
				t.Errorf("fields %+v, want one at %q; added %+v", f, c.path, p.asked)
			}
		})
	}
	s, _ := permitStand(t)
	s.as(fullKey, "POST", miniPermits, strings.Repeat(" ", message.MaxSize)+aPermit).refused(t, 413, "too_large")
}

// What the room behind refuses is told in the same way by all three calls.
func TestRefusedPermits(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		status int
		code   string
		fields string
	}{
		{"a mock", fault.InvalidFields("x", []fault.Field{{Path: "code", Message: "found the mock form id"}}), 422, "invalid", `[{"path":"code","message":"found the mock form id"}]`},
		{"no account", &fault.Error{Class: fault.NotFound, Message: "no account mini is known"}, 404, "not_found", `[]`},
		{"redis away", &fault.Error{Class: fault.Unavailable}, 503, "unavailable", `[]`},
		{"a fault of ours", &fault.Error{Class: fault.Caller, Message: "inner words"}, 500, "internal", `[]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, p := permitStand(t)
			p.err = c.err
			for _, got := range []*reply{s.as(fullKey, "POST", miniPermits, aPermit), s.as(fullKey, "GET", userPermits, ""),
				s.as(fullKey, "DELETE", userPermits+"?code=form-1", "")} {
				got.refused(t, c.status, c.code)
				if !strings.Contains(got.Body.String(), `"fields":`+c.fields) || strings.Contains(got.Body.String(), "inner words") {
					t.Errorf("told %s", got.Body)
				}
				if after := got.Header().Get("Retry-After"); (after != "") != (c.status == 503) {
					t.Errorf("Retry-After %q", after)
				}
			}
		})
	}
}

func TestWhoMayTouchPermits(t *testing.T) {
	const shop = "/api/v1/accounts/shop/permits"
	for _, c := range []struct {
		name, method, path, key string
		status                  int
	}{
		{"adds", "POST", miniPermits, fullKey, 201},
		{"adds to its account", "POST", shop, shopKey, 201},
		{"adds to another's", "POST", miniPermits, shopKey, 403},
		{"adds, may only read", "POST", shop, readKey, 403},
		{"adds without a key", "POST", shop, "", 401},
		{"lists", "GET", userPermits, readKey, 200},
		{"lists its account's", "GET", shop + "/oSecretUser", shopKey, 200},
		{"lists another's", "GET", userPermits, shopKey, 403},
		{"lists, may neither", "GET", userPermits, tokenKey, 403},
		{"removes", "DELETE", userPermits + "?code=f", fullKey, 200},
		{"removes another's", "DELETE", userPermits + "?code=f", shopKey, 403},
		{"removes, may only read", "DELETE", userPermits + "?code=f", readKey, 403},
		{"puts", "PUT", userPermits, fullKey, 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, p := permitStand(t)
			got := s.as(c.key, c.method, c.path, aPermit)
			if got.Code != c.status || (len(p.asked) > 0) != (c.status < 300) {
				t.Errorf("%d %s, want %d; asked %+v", got.Code, got.Body, c.status, p.asked)
			}
			if log := s.log.String(); strings.Contains(log, "oSecretUser") || strings.Contains(log, "form-1") {
				t.Errorf("the log tells a user or a permit: %s", log)
			}
		})
	}
}

func TestPermitsOfAUser(t *testing.T) {
	s, p := permitStand(t)
	s.as(readKey, "GET", userPermits, "").answers(t, 200, `{"openid":"oSecretUser","remaining":0,"permits":[]}`)
	ends := time.Date(2026, 11, 29, 19, 55, 0, 0, time.FixedZone("", 8*3600))
	p.standing = []permit.Standing{{Type: message.PaymentPermit, Code: "wx1", Left: 2, ExpiresAt: ends},
		{Type: message.ConsentPermit, Template: "tpl", Left: 5}}
	s.as(readKey, "GET", userPermits, "").answers(t, 200, `{"openid":"oSecretUser","remaining":7,"permits":[`+
		`{"type":"payment","code":"wx1","template_id":"","left":2,"expires_at":"2026-11-29T11:55:00Z"},`+
		`{"type":"consent","code":"","template_id":"tpl","left":5,"expires_at":null}]}`)
	s.as(readKey, "GET", miniPermits+"/o%2F%3F", "")
	if got := p.asked[len(p.asked)-1].OpenID; got != "o/?" {
		t.Errorf("asked for %q", got)
	}
}

func TestPermitTakenBack(t *testing.T) {
	s, p := permitStand(t)
	p.removed = api.Removed{OpenID: "oSecretUser", Code: "wx1", Lost: 2}
	s.as(fullKey, "DELETE", userPermits+"?code=prepay_id%3Dwx1", "").answers(t, 200, `{"openid":"oSecretUser","code":"wx1","lost":2,"left":0}`)
	s.as(fullKey, "DELETE", userPermits+"?template_id=tpl&count=2", "")
	s.as(fullKey, "DELETE", userPermits+"?template_id=tpl", "")
	want := []permit.Grant{{OpenID: "oSecretUser", Code: "prepay_id=wx1"}, {OpenID: "oSecretUser", Template: "tpl", Count: 2}, {OpenID: "oSecretUser", Template: "tpl"}}
	for i, g := range want {
		if i >= len(p.asked) || p.asked[i] != g {
			t.Errorf("asked %+v, want %+v", p.asked, want)
		}
	}
}

// A mistyped query must not take more back than was meant.
func TestPermitTakenBackByAMistake(t *testing.T) {
	for _, c := range []struct{ query, path, words string }{
		{"template_id=t&cuont=1", "cuont", "nobody knows it; known here are code, template_id and count"},
		{"template_id=t&count=", "count", "is empty"},
		{"template_id=t&count=0", "count", "is no whole number from 1"},
		{"template_id=t&count=two", "count", "is no whole number from 1"},
		{"code=a&code=b", "code", "stands more than once"},
		{"code=%zz", "", "write each special character as %XX"},
	} {
		s, p := permitStand(t)
		got := s.as(fullKey, "DELETE", userPermits+"?"+c.query, "")
		got.refused(t, 422, "invalid")
		if f := got.body.Error.Fields; len(f) != 1 || f[0].Path != c.path || !strings.Contains(f[0].Message, c.words) || len(p.asked) > 0 {
			t.Errorf("%s: %+v, removed %+v", c.query, f, p.asked)
		}
	}
}

// FuzzPermits holds that no body and no query brings the API down, and that what
// is answered is JSON.
func FuzzPermits(f *testing.F) {
	f.Add("POST", aPermit)
	f.Add("DELETE", "code=f&count=1&&a=%zz;")
	f.Fuzz(func(t *testing.T, method, text string) {
		s, p := permitStand(t)
		r := httptest.NewRequest("POST", miniPermits, strings.NewReader(text))
		if method == "DELETE" {
			r = httptest.NewRequest("DELETE", userPermits, nil)
			r.URL.RawQuery = text
		}
		r.Header.Set("Authorization", "Bearer "+fullKey)
		got := s.serve(r)
		if got.Code >= 500 || !json.Valid(got.Body.Bytes()) || (got.Code < 300) != (len(p.asked) == 1) {
			t.Errorf("%d %s, asked %+v", got.Code, got.Body, p.asked)
		}
	})
}
