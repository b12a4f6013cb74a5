package admin

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// post sends a form; headers are pairs.
func post(h http.Handler, path, form string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func ended(id string, state message.State, code int) *message.Record {
	at := time.UnixMilli(1795690000000)
	return &message.Record{ID: id, Account: "shop", Kind: message.Template, OpenID: "oUser", State: state, ErrCode: code, UpdatedAt: at,
		History: []message.Step{{At: at, State: message.Sending}, {At: at, State: state, ErrCode: code, Reason: "recipient"}}}
}

func filledStand() *stand {
	s := &stand{ends: []*message.Record{ended("a", message.Refused, 43004), ended("b", message.Refused, 43004), ended("c", message.Failed, 0), ended("d", message.InDoubt, 0)}}
	s.records = s.ends
	s.batch = standing.Batch{Name: "spring", Account: "shop", State: "running", Total: 10, Queued: 4, Kinds: []message.Kind{message.Template},
		Ended: map[message.State]int{message.Refused: 6}}
	return s
}

func TestPagesShowWhatIsAskedFor(t *testing.T) {
	tests := []struct {
		path  string
		parts []string
	}{
		{"/message?account=shop&id=a", []string{"43004", "refused", "History", "recipient", "/permits?account=shop&amp;openid=oUser"}},
		{"/message?account=shop&id=d", []string{"in doubt", "Did it arrive?", `action="/resolve"`, `name="seen" value="2026-11-26T10:46:40Z"`, "the user gets it twice", "Its permit stays spent", `value="drop"`}},
		{"/find?account=shop&openid=oUser", []string{`href="/message?account=shop&amp;id=a"`, `id=d"`}},
		{"/find?account=shop&openid=oNobody", []string{"no record"}},
		{"/failed?account=shop", []string{`href="/failed?account=shop&amp;errcode=43004&amp;state=refused"`, ">2</td>", "Send again…", "End…"}},
		{"/failed?account=shop&state=refused&errcode=43004&within=24h", []string{"Send these 2 again", `action="/replay"`, `id=a"`, `value="24h0m0s" selected`}},
		{"/failed?account=shop&state=in_doubt", []string{"in doubt", `id=d"`, `action="/resolve"`, "End these 1 as accepted", "Send these 1 again", "End these 1 as failed"}},
		{"/failed?account=shop&state=expired", []string{"no such bad end"}},
		{"/batch?account=shop&name=spring", []string{"6 of 10 have ended", `value="pause"`, "4 messages wait", `/failed?account=shop&amp;batch=spring&amp;state=refused`}},
		{"/permits?account=shop&openid=oUser", []string{"3 messages", "form-1", "tpl", "consent"}},
	}
	h := New(filledStand().options())
	for _, test := range tests {
		got := ask(h, "GET", test.path)
		if got.Code != 200 {
			t.Errorf("%s answered %d: %s", test.path, got.Code, got.Body)
		}
		for _, part := range test.parts {
			if !strings.Contains(got.Body.String(), part) {
				t.Errorf("%s lacks %q:\n%s", test.path, part, got.Body)
			}
		}
	}
	if got := ask(h, "GET", "/find?account=shop&openid=b"); got.Code != 303 || got.Header().Get("Location") != "/message?account=shop&id=b" {
		t.Errorf("an id leads to %d %v", got.Code, got.Header())
	}
	o := filledStand().options()
	o.ReadWrite = false
	for path, hint := range map[string]string{"/message?account=shop&id=d": "enqueue resolve shop d --sent|--resend|--drop", "/failed?account=shop&state=in_doubt": "enqueue resolve shop --sent|--resend|--drop"} {
		if body := ask(New(o), "GET", path).Body.String(); !strings.Contains(body, hint) || strings.Contains(body, `action="/resolve"`) {
			t.Errorf("of a read-only worker %s shows:\n%s", path, body)
		}
	}
	if body := ask(h, "GET", "/failed?account=shop&state=in_doubt&errcode=0").Body.String(); strings.Contains(body, `action="/replay"`) {
		t.Error("doubts can be sent again")
	}
}

func TestBadInputIsToldInWords(t *testing.T) {
	tests := []struct {
		path   string
		status int
		parts  []string
	}{
		{"/message?account=shop&id=a%20b", 400, []string{"<code>id</code>", "a b", "1 to 64"}},
		{"/message?account=Shop&id=", 400, []string{"<code>account</code>", "Shop", "<code>id</code>"}},
		{"/message?account=shop&id=nobody", 404, []string{"account shop has no message nobody"}},
		{"/message?account=shop&id=a&id=b", 400, []string{"more than once"}},
		{"/message?account=shop&id=a&what=1", 400, []string{"<code>what</code>", "known here are account, id"}},
		{"/find?account=shop&openid=", 400, []string{"<code>openid</code>", "1 to 128"}},
		{"/failed?account=shop&state=accepted", 400, []string{"bad ends are undelivered, refused"}},
		{"/failed?account=shop&errcode=x&within=-1h&kind=sms&since=noon", 400,
			[]string{"write a whole number", "30m, 24h or 3d", "allowed are [template", "2026-11-22T20:00:00"}},
		{"/batch?account=shop&name=%3Cb%3E", 400, []string{"&lt;b&gt;"}},
		{"/permits?account=shop&openid=%E5%BC%A0", 400, []string{"visible characters"}},
	}
	h := New(filledStand().options())
	for _, test := range tests {
		got := ask(h, "GET", test.path)
		if got.Code != test.status {
			t.Errorf("%s answered %d; want %d", test.path, got.Code, test.status)
		}
		for _, part := range test.parts {
			if !strings.Contains(got.Body.String(), part) {
				t.Errorf("%s lacks %q:\n%s", test.path, part, got.Body)
			}
		}
	}
}

func TestRedisAwayIsToldWithoutItsInside(t *testing.T) {
	s := filledStand()
	s.err = &fault.Error{Class: fault.Unavailable, Message: "dial tcp 10.1.2.3"}
	h := New(s.options())
	for _, path := range []string{"/message?account=shop&id=a", "/find?account=shop&openid=oUser", "/failed?account=shop", "/batch?account=shop&name=spring", "/permits?account=shop&openid=oUser"} {
		if got := ask(h, "GET", path); got.Code != 503 || strings.Contains(got.Body.String(), "10.1.2.3") {
			t.Errorf("%s answered %d: %s", path, got.Code, got.Body)
		}
	}
	if got := post(h, "/park", "account=shop&reason=r"); got.Code != 503 {
		t.Errorf("/park answered %d", got.Code)
	}
}

func TestButtonsDoWhatTheySay(t *testing.T) {
	const until, seen = "2026-11-26T14:13:20Z", "2026-11-26T10:46:40Z" // 1795702400000, and what ended() has
	tests := []struct {
		path, form string
		status     int
		done, next string
	}{
		{"/park", "account=shop&kind=template&reason=a+sale&for=", 303, "ops parks shop.template: a sale, for good true", "/#shop"},
		{"/park", "account=shop&reason=a+sale&for=1h", 303, "ops parks shop.: a sale, for good false", "/#shop"},
		{"/park", "account=shop&kind=sms&reason=x", 400, "", ""},
		{"/park", "account=shop&reason=x&for=soon", 400, "", ""},
		{"/unpark", "account=shop&kind=template", 303, "ops unparks shop.template", "/#shop"},
		{"/unpark", "account=", 400, "", ""},
		{"/batch", "account=shop&name=spring&do=pause", 303, "ops pauses spring of shop", "/batch?account=shop&name=spring"},
		{"/batch", "account=shop&name=spring&do=resume", 303, "ops resumes spring of shop", "/batch?account=shop&name=spring"},
		{"/batch", "account=shop&name=spring&do=cancel", 303, "ops cancels spring of shop", "/batch?account=shop&name=spring"},
		{"/batch", "account=shop&name=spring&do=stop", 400, "", ""},
		{"/batch", "account=shop&name=spring", 400, "", ""},
		{"/replay", "account=shop&state=refused&errcode=43004&until=" + until, 200, "ops replays 2 of shop until 1795702400000", ""},
		{"/replay", "account=shop&state=refused&errcode=43004", 400, "", ""},
		{"/replay", "account=shop&state=in_doubt&until=" + until, 400, "", ""},
		{"/resolve", "account=shop&id=d&how=sent&seen=" + seen, 303, "ops ends d of shop: sent", "/message?account=shop&id=d"},
		{"/resolve", "account=shop&id=d&how=resend&seen=" + seen, 303, "ops ends d of shop: resend", "/message?account=shop&id=d"},
		{"/resolve", "account=shop&id=d&how=drop&seen=2026-11-26T10:46:39Z", 409, "", ""},
		{"/resolve", "account=shop&id=d&how=drop", 409, "", ""},
		{"/resolve", "account=shop&id=nobody&how=drop&seen=" + seen, 404, "", ""},
		{"/resolve", "account=shop&id=d&how=perhaps&seen=" + seen, 400, "", ""},
		{"/resolve", "account=shop&id=d&seen=" + seen, 400, "", ""},
		{"/resolve", "account=shop&state=in_doubt&how=drop&until=" + until, 200, "ops ends 1 of shop until 1795702400000: drop", ""},
		{"/resolve", "account=shop&state=in_doubt&how=drop", 400, "", ""},
	}
	for _, test := range tests {
		s := filledStand()
		o := s.options()
		o.User, o.Password = "ops", "pw"
		var log bytes.Buffer
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		got := post(New(o), test.path, test.form, "Authorization", basic("ops", "pw"))
		var want []string
		if test.done != "" {
			want = []string{test.done}
		}
		if got.Code != test.status || !slices.Equal(s.done, want) || got.Header().Get("Location") != test.next {
			t.Errorf("%s %s answered %d to %q, and did %q:\n%s", test.path, test.form, got.Code, got.Header().Get("Location"), s.done, got.Body)
		}
		if !strings.Contains(log.String(), "who=ops") {
			t.Errorf("%s %s: the log does not tell who: %s", test.path, test.form, log.String())
		}
	}
}

func TestWhoMayChange(t *testing.T) {
	const crossSite, origin = "Sec-Fetch-Site", "Origin"
	tests := []struct {
		name      string
		readWrite bool
		user      string
		host      string
		headers   []string
		want      int
	}{
		{"read-only", false, "", "127.0.0.1:8080", nil, 403},
		{"read-only, with a login", false, "ops", "127.0.0.1:8080", []string{"Authorization", basic("ops", "pw")}, 403},
		{"from the page", true, "", "127.0.0.1:8080", []string{crossSite, "same-origin"}, 303},
		{"from the page, by its origin", true, "", "127.0.0.1:8080", []string{origin, "http://127.0.0.1:8080"}, 303},
		{"by a script", true, "", "localhost", nil, 303},
		{"over IPv6", true, "", "[::1]:8080", nil, 303},
		{"from another site", true, "", "127.0.0.1:8080", []string{crossSite, "cross-site"}, 403},
		{"from a sister site", true, "", "127.0.0.1:8080", []string{crossSite, "same-site"}, 403},
		{"from another port", true, "", "127.0.0.1:8080", []string{origin, "http://127.0.0.1:9090"}, 403},
		{"from nowhere", true, "", "127.0.0.1:8080", []string{origin, "null"}, 403},
		{"under a name that was pointed here, without a login", true, "", "evil.example", []string{crossSite, "same-origin"}, 403},
		{"under its name, with a login", true, "ops", "ops.example", []string{crossSite, "same-origin", "Authorization", basic("ops", "pw")}, 303},
		{"with a login that nobody gave", true, "ops", "ops.example", []string{crossSite, "same-origin"}, 401},
		{"with a login that another site rides on", true, "ops", "ops.example", []string{crossSite, "cross-site", "Authorization", basic("ops", "pw")}, 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for path, form := range map[string]string{"/park": "account=shop&reason=r", "/unpark": "account=shop", "/batch": "account=shop&name=b&do=pause",
				"/resolve": "account=shop&id=d&how=sent&seen=2026-11-26T10:46:40Z"} {
				s := filledStand()
				o := s.options()
				o.ReadWrite, o.User, o.Password = test.readWrite, test.user, "pw"
				h := New(o)
				r := httptest.NewRequest("POST", "http://"+test.host+path, strings.NewReader(form))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for i := 0; i < len(test.headers); i += 2 {
					r.Header.Set(test.headers[i], test.headers[i+1])
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != test.want || (len(s.done) == 1) != (test.want == 303) {
					t.Errorf("%s answered %d and did %q; want %d", path, w.Code, s.done, test.want)
				}
			}
		})
	}
}

func TestNothingIsChangedByLooking(t *testing.T) {
	s := filledStand()
	h := New(s.options())
	for _, path := range []string{"/park?account=shop&reason=r", "/unpark?account=shop", "/replay?account=shop", "/batch?account=shop&name=b&do=cancel", "/resolve?account=shop&id=d&how=sent&seen=2026-11-26T10:46:40Z"} {
		ask(h, "GET", path)
	}
	if len(s.done) > 0 {
		t.Errorf("did %q", s.done)
	}
	query := url.Values{"account": {"shop"}, "reason": {"r"}}
	if got := post(h, "/park?"+query.Encode(), ""); got.Code != 400 || len(s.done) > 0 {
		t.Errorf("a form in the query answered %d and did %q", got.Code, s.done)
	}
}
