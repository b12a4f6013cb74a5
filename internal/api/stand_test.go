package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// The keys of the stand: their texts must never show anywhere.
const (
	fullKey  = "full-secret-0123456789"
	shopKey  = "shop-secret-0123456789"
	readKey  = "read-secret-0123456789"
	tokenKey = "token-secret-0123456789"
	adminKey = "admin-secret-0123456789"
)

// stand is an API over rooms that answer as a test says.
type stand struct {
	*testing.T
	api     *api.API
	options api.Options
	log     *bytes.Buffer
	taken   []*message.Message // what reached Intake

	takeErr  error
	awayFrom string // the only id that takeErr is for; "": all
	state    message.State
	repeated bool
	ready    error
	orders   []string // what reached Operator
	records  map[string]*message.Record
	groups   []int // how many messages reached Intake at once
	found    []*message.Record
	asked    []string // what reached Records, Changes and Ends
	ends     ledger.EndsPage
	page     api.ReplayPage
	doErr    error // of Changes and Ends
}

func newStand(t *testing.T) *stand {
	s := &stand{T: t, log: &bytes.Buffer{}, state: message.Queued, records: map[string]*message.Record{}}
	s.options = api.Options{
		Intake: s, Records: s, Changes: s, Ends: endsOf{s}, Accounts: s, Operator: s,
		Ready: func(context.Context) error { return s.ready },
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("numbers 1\n"))
		}),
		Keys: []api.Key{
			api.NewKey("full", fullKey, []api.Scope{api.Send, api.Read, api.Metrics}, nil),
			api.NewKey("shop-only", shopKey, []api.Scope{api.Send, api.Read}, []string{"shop"}),
			api.NewKey("boss", adminKey, []api.Scope{api.Admin}, nil),
			api.NewKey("reader", readKey, []api.Scope{api.Read}, nil),
			api.NewKey("token-only", tokenKey, []api.Scope{"token"}, nil),
		},
		Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	s.api = api.New(s.options)
	return s
}

func (s *stand) Take(_ context.Context, m *message.Message) (api.Taken, error) {
	s.taken = append(s.taken, m)
	id := m.ID
	if id == "" {
		id = "made-by-intake"
	}
	if s.takeErr != nil && (s.awayFrom == "" || s.awayFrom == id) {
		return api.Taken{ID: id}, s.takeErr
	}
	return api.Taken{ID: id, Account: m.Account, State: s.state, Duplicate: s.repeated, Warnings: m.Warnings}, nil
}

func (s *stand) TakeMany(ctx context.Context, messages []*message.Message) []api.Outcome {
	s.groups = append(s.groups, len(messages))
	outcomes := make([]api.Outcome, len(messages))
	for i, m := range messages {
		outcomes[i].Taken, outcomes[i].Err = s.Take(ctx, m)
	}
	return outcomes
}

func (s *stand) Find(_ context.Context, account, openid, template string, since time.Time) ([]*message.Record, error) {
	s.asked = append(s.asked, fmt.Sprint("find ", account, openid, template, since.UTC()))
	return s.found, s.doErr
}

func (s *stand) Cancel(_ context.Context, account, id string) (message.State, error) {
	s.asked = append(s.asked, fmt.Sprint("cancel ", account, id))
	return message.Cancelled, s.doErr
}

func (s *stand) Resolve(_ context.Context, account, id string, how ledger.Resolution, who string) (message.State, error) {
	s.asked = append(s.asked, fmt.Sprint("resolve ", account, id, how, who))
	return message.Accepted, s.doErr
}

// endsOf is the stand as one that has bad ends.
type endsOf struct{ *stand }

func (s endsOf) Page(_ context.Context, account string, f ledger.Filter, from ledger.Place, most int) (ledger.EndsPage, error) {
	s.asked = append(s.asked, fmt.Sprint("ends ", account, f.State, f.Kind, f.Template, f.Batch, f.Since.UTC(), from, most))
	return s.ends, s.doErr
}

func (s endsOf) Replay(_ context.Context, account string, f ledger.Filter, from api.ReplayFrom, most int, who string) (api.ReplayPage, error) {
	s.asked = append(s.asked, fmt.Sprint("replay ", account, f.State, from.Place, from.At.UnixMicro(), most, who))
	return s.page, s.doErr
}

func (s endsOf) ReplayIDs(_ context.Context, account string, ids []string, who string) ([]api.Replayed, error) {
	s.asked = append(s.asked, fmt.Sprint("replay ", account, ids, who))
	return s.page.Results, s.doErr
}

func (s *stand) Status(_ context.Context, account, id string) (*message.Record, error) {
	if r, ok := s.records[account+"/"+id]; ok {
		return r, nil
	}
	return nil, &fault.Error{Op: "stand.status", Class: fault.NotFound, Message: "nobody knows it"}
}

func (s *stand) List(context.Context) ([]standing.Account, error) {
	return []standing.Account{{Name: "mini", Type: message.MiniProgram}, {Name: "shop", Type: message.Official}}, nil
}

func (s *stand) Show(_ context.Context, account string) (standing.Account, error) {
	if account != "shop" {
		return standing.Account{}, &fault.Error{Op: "stand.show", Class: fault.NotFound, Message: "nobody knows it"}
	}
	lane := standing.Lane{State: standing.Running}
	if len(s.orders) > 0 {
		lane.Stop(standing.Park{By: standing.Person, Reason: "text"})
	}
	return standing.Account{Name: "shop", Type: message.Official, Kinds: map[message.Kind]standing.Lane{message.Template: lane}}, nil
}

func (s *stand) Park(_ context.Context, account string, kind message.Kind, reason, who string, until time.Time) error {
	s.orders = append(s.orders, fmt.Sprint("park ", account, kind, reason, who, !until.IsZero()))
	return nil
}

func (s *stand) Unpark(_ context.Context, account string, kind message.Kind, who string) error {
	s.orders = append(s.orders, fmt.Sprint("unpark ", account, kind, who))
	return nil
}

func (s *stand) Set(_ context.Context, account string, c api.AccountChange, who string) error {
	s.orders = append(s.orders, fmt.Sprintf("set %s%v%v%v%s", account, c.Rate, c.Quota, c.Reset, who))
	return nil
}

// reply is an answer, read.
type reply struct {
	*httptest.ResponseRecorder
	body struct {
		api.Taken
		Error api.Detail `json:"error"`
	}
}

// call sends a request; headers are name, value, name, value.
func (s *stand) call(method, path, body string, headers ...string) *reply {
	s.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return s.serve(r)
}

func (s *stand) serve(r *http.Request) *reply {
	s.Helper()
	got := &reply{ResponseRecorder: httptest.NewRecorder()}
	s.api.ServeHTTP(got, r)
	if strings.HasPrefix(got.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(got.Body.Bytes(), &got.body); err != nil {
			s.Fatalf("the answer is no JSON: %v: %s", err, got.Body)
		}
	}
	return got
}

func (s *stand) post(body string, headers ...string) *reply {
	s.Helper()
	return s.call("POST", "/api/v1/messages", body, append([]string{"Authorization", "Bearer " + fullKey}, headers...)...)
}

func (s *stand) get(path, key string) *reply {
	s.Helper()
	return s.call("GET", path, "", "Authorization", "Bearer "+key)
}

// refused checks status and code of a refusal, and that its words are there.
func (got *reply) refused(t *testing.T, status int, code string) {
	t.Helper()
	if got.Code != status || got.body.Error.Code != code {
		t.Errorf("answered %d %q, want %d %q: %s", got.Code, got.body.Error.Code, status, code, got.Body)
	}
	if got.body.Error.Message == "" || got.body.Error.Fields == nil {
		t.Errorf("a refusal without words or without the list of fields: %s", got.Body)
	}
}

func order(id, account string) string {
	named := ""
	if id != "" {
		named = `"id":"` + id + `",`
	}
	return `{` + named + `"account":"` + account + `","kind":"template",
		"body":{"touser":"oSecretUser","template_id":"tpl","data":{"k":{"value":"a <b> & c"}}}}`
}
