package wechat_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
	"wxdispatch/internal/wechat"
	"wxdispatch/internal/wechat/wechattest"
)

// shelf is a client of a stand-in, with a good token of one account.
type shelf struct {
	*wechat.Client
	sim   *wechattest.Server
	token string
}

func newShelf(t *testing.T, kind message.AccountType) shelf {
	t.Helper()
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wx1", Secret: "s", Type: kind}}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := wechat.NewClient(wechat.Options{BaseURL: sim.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); sim.Close() })
	token, _, err := wechat.NewTokenSource(client, wechat.Grant{Mode: wechat.Stable, AppID: "wx1", Secret: "s"}).Fetch(context.Background(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	return shelf{client, sim, token}
}

func TestATemplateOfTheLibraryIsMadeListedAndDeleted(t *testing.T) {
	s := newShelf(t, message.MiniProgram)
	ctx := context.Background()
	told := 0
	titles, err := s.Library(ctx, s.token, func(n, total int) { told = n * 1000 / total })
	if err != nil || len(titles) < 30 || told != 1000 {
		t.Fatalf("%d titles, %v", len(titles), err)
	}
	first, total, err := s.LibraryPage(ctx, s.token, 20, 20)
	if err != nil || total != len(titles) || !slices.Equal(first, titles[20:min(40, total)]) {
		t.Errorf("a page in the middle: %d of %d, %v", len(first), total, err)
	}
	title, keywords, err := s.LibraryKeywords(ctx, s.token, titles[0].ID)
	if err != nil || title != titles[0] || len(keywords) < 5 || keywords[0].Name == "" || keywords[0].Example == "" {
		t.Fatalf("%+v %+v %v", title, keywords, err)
	}
	before, err := s.Templates(ctx, s.token, template.OfForms)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 22 - len(before) { // more than a page
		id, err := s.AddTemplate(ctx, s.token, titles[0].ID, []int{keywords[2].ID, keywords[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	after, err := s.Templates(ctx, s.token, template.OfForms)
	if err != nil || len(after) != 22 {
		t.Fatalf("%d templates, %v", len(after), err)
	}
	made := after[len(after)-1]
	if made.ID != ids[len(ids)-1] || made.Sort != template.OfForms || made.Title != titles[0].Title ||
		made.Content != keywords[2].Name+"{{keyword1.DATA}}\n"+keywords[0].Name+"{{keyword2.DATA}}\n" {
		t.Errorf("made %+v", made)
	}
	if err := s.DeleteTemplate(ctx, s.token, template.OfForms, made.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteTemplate(ctx, s.token, template.OfForms, made.ID); codeOf(err) != 40037 {
		t.Errorf("deleted twice: %v", err)
	}
	if after, err = s.Templates(ctx, s.token, template.OfForms); err != nil || len(after) != 21 {
		t.Errorf("%d templates after delete, %v", len(after), err)
	}
}

func codeOf(err error) int {
	if f, ok := err.(*fault.Error); ok {
		return f.Code
	}
	return 0
}

func TestEachTypeOfAccountHasItsLists(t *testing.T) {
	for kind, sorts := range map[message.AccountType][]template.Sort{
		message.Official: {template.OfSends, template.OfConsents}, message.MiniProgram: {template.OfForms, template.OfConsents},
	} {
		s := newShelf(t, kind)
		for _, sort := range sorts {
			list, err := s.Templates(context.Background(), s.token, sort)
			if err != nil || len(list) == 0 || list[0].ID == "" || list[0].Sort != sort || template.Names(list[0].Content) == nil {
				t.Errorf("%s %s: %+v %v", kind, sort, list, err)
				continue
			}
			if err := s.DeleteTemplate(context.Background(), s.token, sort, list[0].ID); err != nil {
				t.Errorf("%s %s: %v", kind, sort, err)
			}
		}
	}
	s := newShelf(t, message.Official)
	if _, err := s.Library(context.Background(), s.token, func(int, int) {}); codeOf(err) != 48001 {
		t.Errorf("an official account's library: %v", err)
	}
	if _, err := s.Templates(context.Background(), "none", template.OfSends); !fault.Is(err, fault.Token) || strings.Contains(err.Error(), "access_token=") {
		t.Errorf("a bad token: %v", err)
	}
}

// What WeChat would refuse is not asked for.
func TestArgumentsAreCheckedBeforeTheCall(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer server.Close()
	c, err := wechat.NewClient(wechat.Options{BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := context.Background()
	_, _, offset := c.LibraryPage(ctx, "t", -1, 20)
	_, _, none := c.LibraryPage(ctx, "t", 0, 0)
	_, many := c.TemplatePage(ctx, "t", 0, 21)
	_, eleven := c.AddTemplate(ctx, "t", "AT1", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	_, empty := c.AddTemplate(ctx, "t", "AT1", nil)
	_, twice := c.AddTemplate(ctx, "t", "AT1", []int{3, 4, 3})
	_, zero := c.AddTemplate(ctx, "t", "AT1", []int{0})
	_, _, blank := c.LibraryKeywords(ctx, "t", "")
	remove := c.DeleteTemplate(ctx, "t", template.OfForms, "a b")
	for want, err := range map[string]error{
		"offset: found -1; allowed is 0 and more": offset, "count: found 0; allowed are 1 to 20": none, "count: found 21": many,
		"keyword_id_list: found 11 keywords; allowed are 1 to 10": eleven, "keyword_id_list: found 0 keywords": empty,
		"keyword_id_list[2]: found 3, which stands at keyword_id_list[0] already": twice, "keyword_id_list[0]: found 0": zero,
		"id: ": blank, "template_id: ": remove,
	} {
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if calls != 0 {
		t.Errorf("%d calls were made", calls)
	}
}

// An answer that is none is told as such; the private list needs no errcode.
func TestStrangeListsAreErrors(t *testing.T) {
	tests := []struct {
		body  string
		class fault.Class
		n     int
	}{
		{`{"template_list":[{"template_id":"T","title":"x","content":"{{a.DATA}}"}]}`, "", 1}, {`{"errcode":0,"errmsg":"ok"}`, "", 0},
		{`{}`, fault.Unanswered, 0}, {`<html>`, fault.Unanswered, 0}, {`{"template_list":"x"}`, fault.Unanswered, 0},
		{`{"errcode":48001,"errmsg":"api unauthorized"}`, fault.Account, 0},
	}
	for _, tt := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tt.body)) }))
		c, err := wechat.NewClient(wechat.Options{BaseURL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		list, err := c.Templates(context.Background(), "t", template.OfSends)
		if fault.ClassOf(err) != tt.class || len(list) != tt.n {
			t.Errorf("%s: %d templates, %v", tt.body, len(list), err)
		}
		c.Close()
		server.Close()
	}
}
