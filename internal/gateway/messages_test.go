package gateway_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

const bossKey = "boss-secret-0123456789"

// ofShop are the calls of account shop.
const ofShop = "/api/v1/accounts/shop"

// startBoss is start with a key that may do everything.
func startBoss(t *testing.T, redis string) *stand {
	t.Helper()
	cfg := settings(redis)
	cfg.API.Keys["boss"] = config.Key{Key: bossKey, Scopes: []string{"send", "read", "admin"}}
	return start(t, cfg)
}

// ended lets messages be tried and end so.
func ended(t *testing.T, client redis.UniversalClient, state message.State, class fault.Class, ids ...string) {
	t.Helper()
	book := ledger.New(client)
	for _, id := range ids {
		m, err := message.Decode([]byte(order(id, "shop", "paid")))
		if err != nil {
			t.Fatal(err)
		}
		leave, err := book.Begin(t.Context(), message.Attempt{Message: m, Created: time.Now(), Run: id, Window: time.Hour, Keep: time.Hour, MaxAttempts: 3})
		if err != nil || leave.Decision != message.Send {
			t.Fatalf("%+v, %v", leave, err)
		}
		outcome := message.Outcome{State: state, Reason: "recipient"}
		if _, err := book.Settle(t.Context(), message.Settlement{Run: id, Message: m, Answer: message.Answer{Class: class}, Clear: outcome, Doubt: outcome, Keep: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if state == message.Accepted {
			continue
		}
		if err := book.KeepPayload(t.Context(), m, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
}

func pending(t *testing.T, client redis.UniversalClient) (info *asynq.QueueInfo) {
	t.Helper()
	info, err := asynq.NewInspectorFromRedisClient(client).GetQueueInfo("shop.template")
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestABatchIsTakenOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := start(t, settings(addr(client)))
		const n = 700
		var body strings.Builder
		for i := range n {
			body.WriteString(oneLine(fmt.Sprintf("m-%d", i), "shop") + "\n")
		}
		body.WriteString(oneLine("m-0", "shop") + "\n" + oneLine("x", "shpo") + "\nno json\n")
		for round, fresh := range []int{n, 0} {
			got := s.call("POST", "/api/v1/messages/batch", apiKey, body.String())
			s.want(got, 200, "")
			told := map[string]int{}
			for l := range strings.Lines(got.text) {
				var r struct {
					Duplicate bool
					Error     struct{ Code string }
				}
				if err := json.Unmarshal([]byte(l), &r); err != nil {
					t.Fatal(err)
				}
				told[fmt.Sprint(r.Duplicate, r.Error.Code)]++
			}
			if told["false"] != fresh || told["true"] != n+1-fresh || told["falseinvalid"] != 2 {
				t.Errorf("round %d: %v", round, told)
			}
		}
		if info := pending(t, client); info.Pending != n {
			t.Errorf("%d tasks, want %d", info.Pending, n)
		}
	})
}

func oneLine(id, account string) string {
	return strings.Join(strings.Fields(order(id, account, "paid")), " ")
}

func TestCancelTakesAScheduledTaskAway(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := startBoss(t, addr(client))
		s.want(s.post(strings.Replace(order("later", "shop", "paid"), `"kind"`, `"send_at":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`","kind"`, 1)), 202, "")
		s.want(s.post(order("now", "shop", "paid")), 202, "")
		for _, id := range []string{"later", "now", "later"} {
			got := s.call("DELETE", ofShop+"/messages/"+id, apiKey, "")
			s.want(got, 200, "")
			if got.State != message.Cancelled {
				t.Errorf("%s: %s", id, got.text)
			}
		}
		if info := pending(t, client); info.Scheduled != 0 || info.Pending != 1 {
			t.Errorf("%d scheduled, %d pending; want 0 and the one that finds its mark", info.Scheduled, info.Pending)
		}
		ended(t, client, message.Accepted, fault.OK, "sent")
		s.want(s.call("DELETE", ofShop+"/messages/sent", apiKey, ""), 409, "conflict")
		s.want(s.call("DELETE", ofShop+"/messages/nobody", apiKey, ""), 404, "not_found")
	})
}

// list asks for all pages of a list and returns the ids.
func (s *stand) list(path string) (ids string) {
	s.Helper()
	for query := path; ; {
		var page struct {
			Records []struct{ ID string }
			Next    string
		}
		got := s.call("GET", query, bossKey, "")
		s.want(got, 200, "")
		if err := json.Unmarshal([]byte(got.text), &page); err != nil {
			s.Fatal(err)
		}
		for _, r := range page.Records {
			ids += r.ID + " "
		}
		if page.Next == "" {
			return ids
		}
		query = path + "&cursor=" + page.Next
	}
}

func TestBadEndsAreListedAndSentAgain(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := startBoss(t, addr(client))
		ended(t, client, message.Refused, fault.Recipient, "a", "b", "c")
		ended(t, client, message.InDoubt, fault.Unanswered, "d", "e")
		ended(t, client, message.Accepted, fault.OK, "f")
		for path, want := range map[string]string{
			"/failed?limit=2": "a b c d e ", "/failed?state=in_doubt&limit=1": "d e ", "/messages?state=refused&limit=2": "a b c ",
			"/failed?limit=5&errcode=43101": "", "/messages?openid=oUser&limit=4&state=accepted": "f ", "/messages?openid=oOther&limit=1": "",
		} {
			if got := s.list(ofShop + path); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		if got := strings.Fields(s.list(ofShop + "/messages?openid=oUser&limit=4")); len(got) != 6 {
			t.Errorf("the user's: %q", got)
		}
		s.want(s.call("GET", "/api/v1/accounts/none/failed", bossKey, ""), 404, "not_found")
		s.want(s.call("GET", "/api/v1/accounts/none/messages?openid=o", bossKey, ""), 404, "not_found")

		replayed := 0
		for body := `{"all":true,"limit":2}`; body != ""; {
			var told struct {
				Replayed int
				Next     string
			}
			got := s.call("POST", ofShop+"/replay", bossKey, body)
			s.want(got, 200, "")
			if err := json.Unmarshal([]byte(got.text), &told); err != nil {
				t.Fatal(err)
			}
			replayed += told.Replayed
			if body = ""; told.Next != "" {
				body = `{"all":true,"limit":2,"cursor":"` + told.Next + `"}`
			}
		}
		if info := pending(t, client); replayed != 3 || info.Pending != 3 {
			t.Errorf("%d told, %d wait; want 3", replayed, info.Pending)
		}
		got := s.call("POST", ofShop+"/replay", bossKey, `{"ids":["a","f","nobody"]}`)
		if !strings.Contains(got.text, `"replayed":0,"refused":3`) || !strings.Contains(got.text, "under way") {
			t.Errorf("again by id: %s", got.text)
		}
		s.want(s.call("POST", "/api/v1/accounts/none/replay", bossKey, `{"all":true}`), 404, "not_found")
		s.want(s.call("POST", "/api/v1/accounts/none/replay", bossKey, `{"ids":["a"]}`), 404, "not_found")
	})
}

func TestResolveEndsADoubtAndIsNoted(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := startBoss(t, addr(client))
		ended(t, client, message.InDoubt, fault.Unanswered, "sent", "resend", "drop")
		for how, want := range map[string]message.State{"sent": message.Accepted, "resend": message.Waiting, "drop": message.Failed} {
			path := ofShop + "/messages/" + how + "/resolve"
			got := s.call("POST", path, bossKey, `{"how":"`+how+`"}`)
			s.want(got, 200, "")
			if got.State != want {
				t.Errorf("%s: %s", how, got.text)
			}
			s.want(s.call("POST", ofShop+"/messages/nobody/resolve", bossKey, `{"how":"sent"}`), 404, "not_found")
		}
		s.want(s.call("POST", ofShop+"/messages/sent/resolve", bossKey, `{"how":"sent"}`), 409, "conflict")
		entries, err := ledger.New(client).Log(t.Context(), "shop")
		if err != nil || len(entries) != 3 || entries[0].What != "resolve" || entries[0].Info.Who != "boss" {
			t.Errorf("the account's log: %+v, %v", entries, err)
		}
	})
}

// A stream of which the caller reads the answers as he sends goes on through a
// stop of the program in order: what was answered is in the queue, and the last
// result says from where on to send again.
func TestABatchThatIsUnderWayEndsWithTheProgram(t *testing.T) {
	client := redistest.Mini(t)
	s := start(t, settings(addr(client)))
	s.client.Timeout = 0
	body, lines := io.Pipe()
	defer lines.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.gateway.URL()+"/api/v1/messages/batch", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+apiKey)
	go func() { _, _ = io.WriteString(lines, oneLine("a", "shop")+"\n") }()
	answer, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	results := bufio.NewScanner(answer.Body)
	if !results.Scan() || !strings.Contains(results.Text(), `"state":"queued"`) {
		t.Fatalf("first: %s, %v", results.Text(), results.Err())
	}
	if err := s.gateway.Stop(); err != nil {
		t.Error(err)
	}
	if !results.Scan() || !strings.Contains(results.Text(), "from line 2 on nothing was looked at") {
		t.Errorf("last: %s, %v", results.Text(), results.Err())
	}
}

// batch asks for a batch, or does something to it.
func (s *stand) batch(method, path string) (told struct {
	Name, State   string
	Total, Queued int
	Ended         map[message.State]int
}) {
	s.Helper()
	got := s.call(method, ofShop+"/batches/"+path, bossKey, "")
	s.want(got, 200, "")
	if err := json.Unmarshal([]byte(got.text), &told); err != nil {
		s.Fatal(err)
	}
	return told
}

func TestBatchesArePausedResumedAndCancelled(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := startBoss(t, addr(client))
		spring := func(id string) string {
			return strings.Replace(oneLine(id, "shop"), `"kind"`, `"batch":"spring","kind"`, 1)
		}
		if got := s.call("GET", ofShop+"/batches", bossKey, "").text; got != `{"batches":[]}`+"\n" {
			t.Errorf("before: %s", got)
		}
		s.want(s.call("POST", "/api/v1/messages/batch", apiKey, spring("a")+"\n"+spring("b")+"\n"), 200, "")
		s.want(s.post(spring("c")), 202, "")
		if got := s.batch("GET", "spring"); got.State != "running" || got.Queued != 3 || got.Total != 3 {
			t.Errorf("running: %+v", got)
		}
		if got := s.batch("POST", "spring/pause"); got.State != "paused" || got.Queued != 3 {
			t.Errorf("paused: %+v", got)
		}
		if got := s.batch("POST", "spring/resume"); got.State != "running" {
			t.Errorf("resumed: %+v", got)
		}
		for range 2 {
			if got := s.batch("POST", "spring/cancel"); got.State != "cancelled" || got.Queued != 0 || got.Ended[message.Cancelled] != 3 {
				t.Errorf("cancelled: %+v", got)
			}
		}
		s.want(s.call("POST", ofShop+"/batches/spring/resume", bossKey, ""), 409, "conflict")
		s.want(s.call("POST", ofShop+"/batches/spring/cancel", apiKey, ""), 403, "forbidden")
		s.want(s.call("GET", ofShop+"/batches/autumn", bossKey, ""), 404, "not_found")
		s.want(s.call("GET", ofShop+"/batches/no%20name", bossKey, ""), 404, "not_found")
		s.want(s.call("GET", "/api/v1/accounts/none/batches", bossKey, ""), 404, "not_found")
		if got := s.call("GET", ofShop+"/batches", bossKey, ""); !strings.Contains(got.text, `"name":"spring"`) {
			t.Errorf("the list: %s", got.text)
		}
	})
}

// What an operator's key did by HTTP stands in the account's log with its name.
func TestTheAccountsLogTellsWhoDidWhatByHTTP(t *testing.T) {
	client := redistest.Mini(t)
	s := startBoss(t, addr(client))
	ended(t, client, message.Failed, fault.Busy, "one", "two")
	s.want(s.call("POST", "/api/v1/messages", bossKey, strings.Replace(order("of-spring", "shop", "paid"), `"kind"`, `"batch":"spring","kind"`, 1)), 202, "")
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/park", `{"reason":"x"}`}, {"POST", "/unpark", ""}, {"PATCH", "", `{"rate":20}`}, {"PATCH", "", `{"quota":{"template":7}}`},
		{"POST", "/replay", `{"ids":["one"]}`}, {"POST", "/replay", `{"all":true}`},
		{"POST", "/batches/spring/pause", ""}, {"POST", "/batches/spring/resume", ""}, {"POST", "/batches/spring/cancel", ""},
	} {
		s.want(s.call(c.method, ofShop+c.path, bossKey, c.body), 200, "")
	}
	s.want(s.call("POST", ofShop+"/batches/none/pause", bossKey, ""), 404, "not_found")
	entries, err := ledger.New(client).Log(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range entries {
		told = append(told, e.What)
		if e.Info.Who != "boss" || e.Info.By != "operator" {
			t.Errorf("nobody knows who did this: %+v", e)
		}
	}
	if log := s.log.String(); !strings.Contains(log, "key=boss account=shop batch=spring") || strings.Contains(log, "batch=none") {
		t.Errorf("the service's log does not tell who did what: %s", log)
	}
	want := "batch_cancel batch_resume batch_pause replay replay set set unpark park"
	if got := strings.Join(told, " "); got != want {
		t.Errorf("the log tells %s\nwant          %s", got, want)
	}
}
