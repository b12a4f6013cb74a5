package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

const shop = "/api/v1/accounts/shop"

func readPage(t *testing.T, got *reply) (page api.RecordPage, ids string) {
	t.Helper()
	if err := json.Unmarshal(got.Body.Bytes(), &page); err != nil || got.Code != 200 {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	for _, r := range page.Records {
		ids += r.ID + " "
	}
	return page, ids
}

func taken(id string, at int, state message.State) *message.Record {
	return &message.Record{ID: id, Account: "shop", State: state, CreatedAt: time.UnixMilli(int64(at))}
}

func TestAUsersMessagesPageByPage(t *testing.T) {
	s := newStand(t)
	all := func() []*message.Record {
		return []*message.Record{taken("e", 30, message.Accepted), taken("d", 20, message.Refused), taken("c", 20, message.Accepted),
			taken("b", 20, message.Accepted), taken("a", 10, message.Accepted)}
	}
	var seen string
	for query, more := "", true; more; {
		s.found = all()
		page, ids := readPage(t, s.get(shop+"/messages?openid=oSecretUser&limit=2"+query, readKey))
		seen += ids + "| "
		query, more = "&cursor="+page.Next, page.Next != ""
	}
	if seen != "e d | c b | a | " {
		t.Errorf("pages %q", seen)
	}
	s.found = all()
	if page, ids := readPage(t, s.get(shop+"/messages?openid=oSecretUser&state=refused&template_id=tpl&since=2026-11-22T20:00:00+08:00", readKey)); ids != "d " || page.Next != "" {
		t.Errorf("refused: %q %q", ids, page.Next)
	}
	if last := s.asked[len(s.asked)-1]; last != "find shopoSecretUsertpl2026-11-22 12:00:00 +0000 UTC" {
		t.Errorf("asked %q", last)
	}
	s.found = nil
	if got := s.get(shop+"/messages?openid=oNobody", readKey); got.Body.String() != `{"records":[]}`+"\n" {
		t.Errorf("nobody: %s", got.Body)
	}
	if strings.Contains(s.log.String(), "oSecretUser") {
		t.Error("the log tells an openid")
	}
}

func TestBadEndsPageByPage(t *testing.T) {
	s := newStand(t)
	s.ends = ledger.EndsPage{Records: []*message.Record{taken("a", 1, message.Refused)}, Next: ledger.Place{At: 7, ID: "a"}, More: true}
	page, ids := readPage(t, s.get(shop+"/failed?state=refused&kind=template&errcode=43004&template_id=tpl&batch=spring&since=2026-11-22T12:00:00Z&until=1s&limit=7", readKey))
	if ids != "a " || page.Next == "" {
		t.Fatalf("%q %q", ids, page.Next)
	}
	s.ends = ledger.EndsPage{}
	if page, _ := readPage(t, s.get(shop+"/messages?state=refused&cursor="+page.Next, readKey)); page.Next != "" || page.Records == nil {
		t.Errorf("the last page: %+v", page)
	}
	want := []string{"ends shoprefusedtemplatetplspring2026-11-22 12:00:00 +0000 UTC {0 } 7", "ends shoprefused0001-01-01 00:00:00 +0000 UTC {7 a} 100"}
	if strings.Join(s.asked, "|") != strings.Join(want, "|") {
		t.Errorf("asked %q\nwant %q", s.asked, want)
	}
}

func TestWhatHasNoListIsToldSo(t *testing.T) {
	for query, path := range map[string]string{
		"":                                "openid",
		"?state=accepted":                 "openid",
		"?state=queued":                   "openid",
		"?state=sent":                     "state",
		"?openid=":                        "openid",
		"?openid=o&openid=p":              "openid",
		"?openid=o&user=o":                "user",
		"?openid=o&since=yesterday":       "since",
		"?openid=o&limit=0":               "limit",
		"?openid=o&limit=1001":            "limit",
		"?openid=o&limit=many":            "limit",
		"?openid=o&cursor=!":              "cursor",
		"?openid=%zz":                     "",
		"?state=in_doubt&since=99999999h": "since",
	} {
		s := newStand(t)
		got := s.get(shop+"/messages"+query, readKey)
		got.refused(t, 422, "invalid")
		if !strings.Contains(paths(got), path) || len(s.asked) > 0 {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
	for query, path := range map[string]string{
		"?state=accepted": "state", "?kind=sms": "kind", "?errcode=x": "errcode", "?openid=o": "openid",
		"?since=1h&until=2h": "until", "?cursor=e": "cursor",
	} {
		got := newStand(t).get(shop+"/failed"+query, readKey)
		got.refused(t, 422, "invalid")
		if paths(got) != path+" " {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
}

func paths(got *reply) (text string) {
	for _, f := range got.body.Error.Fields {
		text += f.Path + " "
	}
	return text
}

func TestListsSayWhatKeepsThemFromAnswering(t *testing.T) {
	for class, status := range map[fault.Class]int{fault.NotFound: 404, fault.Unavailable: 503} {
		s := newStand(t)
		s.doErr = &fault.Error{Class: class, Message: "words"}
		for _, path := range []string{"/messages?openid=o", "/messages?state=failed", "/failed"} {
			s.get(shop+path, readKey).refused(t, status, string(class))
		}
	}
}

func TestCancelAndResolve(t *testing.T) {
	s := newStand(t)
	got := s.as(fullKey, "DELETE", shop+"/messages/o-1", "")
	if got.Code != 200 || got.Body.String() != `{"id":"o-1","account":"shop","state":"cancelled"}`+"\n" {
		t.Errorf("cancel: %d %s", got.Code, got.Body)
	}
	got = s.as(adminKey, "POST", shop+"/messages/o-1/resolve", `{"how":"sent"}`)
	if got.Code != 200 || got.body.State != message.Accepted {
		t.Errorf("resolve: %d %s", got.Code, got.Body)
	}
	if want := "cancel shopo-1|resolve shopo-1sentboss"; strings.Join(s.asked, "|") != want {
		t.Errorf("asked %q, want %q", s.asked, want)
	}
	for _, body := range []string{"", `{"how":"again"}`, `{"how":"sent","all":true}`, `{`} {
		s.as(adminKey, "POST", shop+"/messages/o-1/resolve", body).refused(t, 422, "invalid")
	}
	s.as(adminKey, "POST", shop+"/messages/o%201/resolve", `{"how":"sent"}`).refused(t, 404, "not_found")
	s.as(readKey, "DELETE", shop+"/messages/o-1", "").refused(t, 403, "forbidden")
	s.as(fullKey, "POST", shop+"/messages/o-1/resolve", `{"how":"sent"}`).refused(t, 403, "forbidden")
	s.as(shopKey, "DELETE", "/api/v1/accounts/mini/messages/o-1", "").refused(t, 403, "forbidden")
	if len(s.asked) != 2 {
		t.Errorf("what was refused was done: %q", s.asked[2:])
	}
	for class, status := range map[fault.Class]int{fault.Conflict: 409, fault.NotFound: 404, fault.Unavailable: 503} {
		s.doErr = &fault.Error{Class: class, Message: "words"}
		s.as(fullKey, "DELETE", shop+"/messages/o-1", "").refused(t, status, string(class))
		s.as(adminKey, "POST", shop+"/messages/o-1/resolve", `{"how":"drop"}`).refused(t, status, string(class))
	}
}

func (s *stand) replay(body string) (*reply, api.ReplayAnswer) {
	s.Helper()
	got := s.as(adminKey, "POST", shop+"/replay", body)
	var told api.ReplayAnswer
	if got.Code == 200 {
		if err := json.Unmarshal(got.Body.Bytes(), &told); err != nil {
			s.Fatal(err)
		}
	}
	return got, told
}

func TestReplayPageByPage(t *testing.T) {
	s := newStand(t)
	s.page = api.ReplayPage{Doubts: 2, More: true, Next: api.ReplayFrom{Place: ledger.Place{At: 7, ID: "b"}, At: time.UnixMicro(99)},
		Results: []api.Replayed{{ID: "a", State: message.Waiting}, {ID: "b", State: message.Failed, Err: &fault.Error{Class: fault.NotFound, Message: "no content"}}}}
	_, told := s.replay(`{"state":"failed","limit":5}`)
	if told.Replayed != 1 || told.Refused != 1 || told.InDoubt != 2 || told.Next == "" ||
		told.Results[0].State != message.Waiting || told.Results[1].Error.Code != "not_found" {
		t.Fatalf("%+v", told)
	}
	s.page = api.ReplayPage{}
	if got, last := s.replay(`{"state":"failed","cursor":"` + told.Next + `"}`); last.Next != "" || !strings.Contains(got.Body.String(), `"results":[]`) {
		t.Errorf("the last page: %s", got.Body)
	}
	if s.asked[1] != "replay shopfailed{7 b} 99 100boss" {
		t.Errorf("asked %q", s.asked)
	}
}

func TestReplayThatRedisCutOff(t *testing.T) {
	s := newStand(t)
	s.doErr = &fault.Error{Class: fault.Unavailable, Message: "Redis did not answer"}
	got, _ := s.replay(`{"all":true}`)
	got.refused(t, 503, "unavailable")
	s.page = api.ReplayPage{Results: []api.Replayed{{ID: "a", State: message.Waiting}}, Next: api.ReplayFrom{Place: ledger.Place{At: 1, ID: "a"}}}
	if _, told := s.replay(`{"all":true}`); told.Replayed != 1 || told.Next == "" {
		t.Errorf("what was done is not told: %+v", told)
	}
	if _, told := s.replay(`{"ids":["a","b"]}`); told.Replayed != 1 || told.Refused != 1 || told.Next != "" ||
		told.Results[1].ID != "b" || told.Results[1].Error.Code != "unavailable" {
		t.Errorf("which id is open is not told: %+v", told)
	}
}

func TestReplayWantsToKnowWhat(t *testing.T) {
	s := newStand(t)
	for body, path := range map[string]string{
		``:                               " ",
		`{"limit":3}`:                    " ",
		`{"ids":["a"],"all":true}`:       "ids ",
		`{"ids":["a"],"state":"failed"}`: "ids ",
		`{"ids":["a b"]}`:                "ids[0] ",
		`{"all":true,"kind":"template"}`: "all ",
		`{"state":"in_doubt"}`:           "state ",
		`{"state":"accepted"}`:           "state ",
		`{"since":"soon"}`:               "since ",
		`{"all":true,"limit":-1}`:        "limit ",
		`{"all":true,"cursor":"x"}`:      "cursor ",
	} {
		got, _ := s.replay(body)
		got.refused(t, 422, "invalid")
		if paths(got) != path {
			t.Errorf("%s: %s", body, got.Body)
		}
	}
	s.as(fullKey, "POST", shop+"/replay", `{"all":true}`).refused(t, 403, "forbidden")
	if len(s.asked) > 0 {
		t.Errorf("it was replayed: %q", s.asked)
	}
}

func TestProblemsNameTheirRequest(t *testing.T) {
	s := newStand(t)
	for _, path := range []string{"/nothing", shop + "/failed?x=y", shop + "/messages/o-9"} {
		got := s.call("GET", path, "", "Authorization", "Bearer "+readKey, "X-Request-Id", "req-9")
		var p api.Problem
		if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || p.Request != "req-9" {
			t.Errorf("%s: %s", path, got.Body)
		}
	}
}
