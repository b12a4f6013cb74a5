package api_test

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func TestTakenAndTakenAgain(t *testing.T) {
	s := newStand(t)
	got := s.post(order("o-1", "shop"))
	if got.Code != 202 || got.body.ID != "o-1" || got.body.Account != "shop" || got.body.State != message.Queued || got.body.Duplicate {
		t.Errorf("first: %d %s", got.Code, got.Body)
	}
	if !strings.Contains(got.Body.String(), `"duplicate":false`) {
		t.Errorf("duplicate is not told: %s", got.Body)
	}
	if at := got.Header().Get("Location"); at != "/api/v1/accounts/shop/messages/o-1" {
		t.Errorf("Location %q", at)
	}
	s.repeated, s.state = true, message.Accepted
	if got := s.post(order("o-1", "shop")); got.Code != 200 || !got.body.Duplicate || got.body.State != message.Accepted {
		t.Errorf("again: %d %s", got.Code, got.Body)
	}
}

func TestRefusalsOfIntake(t *testing.T) {
	cases := []struct {
		name   string
		err    error
		status int
		code   string
		retry  string // Retry-After
	}{
		{"invalid", fault.InvalidFields("x", []fault.Field{{Path: "kind", Message: "no"}}), 422, "invalid", ""},
		{"unknown account", &fault.Error{Class: fault.NotFound, Message: "no account shpo"}, 422, "invalid", ""},
		{"conflict", &fault.Error{Class: fault.Conflict, Message: "other content"}, 409, "conflict", ""},
		{"unpermitted", &fault.Error{Class: fault.Unpermitted}, 409, "unpermitted", ""},
		{"suppressed", &fault.Error{Class: fault.Suppressed}, 409, "suppressed", ""},
		{"parked", &fault.Error{Class: fault.Parked, RetryAfter: 1500 * time.Millisecond}, 409, "parked", "2"},
		{"redis away", &fault.Error{Class: fault.Unavailable}, 503, "unavailable", "2"},
		{"redis away, told when", &fault.Error{Class: fault.Unavailable, RetryAfter: 7 * time.Second}, 503, "unavailable", "7"},
		{"our fault", &fault.Error{Class: fault.Caller, Message: "inner words"}, 500, "internal", ""},
		{"no fault of ours", errors.New("inner words"), 500, "internal", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			s.takeErr = c.err
			got := s.post(order("o-1", "shop"))
			got.refused(t, c.status, c.code)
			if retry := got.Header().Get("Retry-After"); retry != c.retry {
				t.Errorf("Retry-After %q, want %q", retry, c.retry)
			}
			if strings.Contains(got.Body.String(), "inner words") {
				t.Errorf("what went wrong inside is told outside: %s", got.Body)
			}
		})
	}
}

func TestUnknownAccountIsToldAsAField(t *testing.T) {
	s := newStand(t)
	s.takeErr = &fault.Error{Class: fault.NotFound, Message: "no account shpo is known"}
	fields := s.post(order("o-1", "shpo")).body.Error.Fields
	if len(fields) != 1 || fields[0].Path != "account" || fields[0].Message != "no account shpo is known" {
		t.Errorf("%+v", fields)
	}
}

func TestOpenOutcomeTellsTheID(t *testing.T) {
	s := newStand(t)
	s.takeErr = &fault.Error{Class: fault.Unavailable, Message: "Redis did not answer"}
	got := s.post(order("", "shop"))
	got.refused(t, 503, "unavailable")
	if got.body.ID != "made-by-intake" {
		t.Errorf("the id to repeat it with is not told: %s", got.Body)
	}
}

func TestBrokenMessages(t *testing.T) {
	cases := []struct{ name, body, path string }{
		{"empty", ``, "line 1, column 1"},
		{"no JSON", `{"id":`, "line 1, column 7"},
		{"two", order("a", "shop") + order("b", "shop"), ""},
		{"unknown field", `{"account":"shop","kind":"template","to":"o","body":{}}`, "to"},
		{"bad id", order("no spaces", "shop"), "id"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			got := s.post(c.body)
			got.refused(t, 422, "invalid")
			var paths []string
			for _, f := range got.body.Error.Fields {
				paths = append(paths, f.Path)
			}
			if !strings.Contains(strings.Join(paths, "|"), c.path) || len(paths) == 0 {
				t.Errorf("mistakes at %q, want one at %q", paths, c.path)
			}
			if len(s.taken) > 0 {
				t.Error("a broken message reached intake")
			}
		})
	}
}

func TestIdempotencyKey(t *testing.T) {
	const key = "Idempotency-Key"
	cases := []struct {
		name, id string
		headers  []string
		want     string // the id that intake gets; "-": refused
	}{
		{"alone", "", []string{key, "k-1"}, "k-1"},
		{"in quotes", "", []string{key, `"k-1"`}, "k-1"},
		{"equal", "o-1", []string{key, "o-1"}, "o-1"},
		{"different", "o-1", []string{key, "k-1"}, "-"},
		{"no id", "", []string{key, "no spaces"}, "-"},
		{"empty", "", []string{key, ""}, "-"},
		{"two different", "", []string{key, "k-1", key, "k-2"}, "-"},
		{"none", "", nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			got := s.post(order(c.id, "shop"), c.headers...)
			if c.want == "-" {
				got.refused(t, 422, "invalid")
				if f := got.body.Error.Fields; len(f) != 1 || f[0].Path != key {
					t.Errorf("fields %+v, want one at %s", f, key)
				}
				return
			}
			if got.Code != 202 || len(s.taken) != 1 || s.taken[0].ID != c.want {
				t.Errorf("%d %s, want id %q", got.Code, got.Body, c.want)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	big := strings.Repeat(" ", message.MaxSize) + "{}"
	for _, length := range []int64{int64(len(big)), -1} {
		s := newStand(t)
		r := httptest.NewRequest("POST", "/api/v1/messages", io.NopCloser(strings.NewReader(big)))
		r.ContentLength = length
		r.Header.Set("Authorization", "Bearer "+fullKey)
		got := s.serve(r)
		got.refused(t, 413, "too_large")
		if got.Header().Get("Connection") != "close" {
			t.Error("the connection stays open for the rest of the body")
		}
	}
}

func TestContentTypeDoesNotMatter(t *testing.T) {
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		if got := newStand(t).post(order("o-1", "shop"), "Content-Type", kind); got.Code != 202 {
			t.Errorf("Content-Type %q: %d %s", kind, got.Code, got.Body)
		}
	}
}
