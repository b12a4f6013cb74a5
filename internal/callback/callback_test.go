package callback_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/callback"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/push"
)

const (
	token   = "push-token-of-the-test"
	receipt = `<xml><FromUserName>oSecretUser</FromUserName><CreateTime>5</CreateTime><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID><Status>success</Status></xml>`
	text    = `<xml><FromUserName>oSecretUser</FromUserName><MsgType>text</MsgType><Content>hello there</Content></xml>`
)

// counts is a Watch that remembers.
type counts struct {
	mu  sync.Mutex
	all map[string]int
}

func (c *counts) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[what]++
}
func (c *counts) Pushed(account, kind string) { c.add(account + " " + kind) }
func (c *counts) Refused(account string, why push.Refusal) {
	c.add(account + " refused " + string(why))
}

// desk is a push address and what stands around it.
type desk struct {
	t      *testing.T
	url    string
	box    *inbox.Inbox
	counts *counts
	log    *bytes.Buffer
	client *http.Client
}

func newDesk(t *testing.T, client redis.UniversalClient, forward string) *desk {
	t.Helper()
	reader, err := push.NewAccount(push.Secrets{AppID: "wxshop", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	shop := callback.Account{Reader: reader}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	if forward != "" {
		if shop.Forward, err = callback.NewForward(forward, 300*time.Millisecond, transport); err != nil {
			t.Fatal(err)
		}
	}
	d := &desk{t: t, box: inbox.New(client, nil), counts: &counts{all: map[string]int{}}, log: &bytes.Buffer{}, client: &http.Client{Transport: transport}}
	server := httptest.NewServer(callback.New(callback.Options{
		Accounts: map[string]callback.Account{"shop": shop, "mute": {}},
		Inbox:    d.box, Watch: d.counts, Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}))
	t.Cleanup(func() {
		server.Close()
		for _, secret := range []string{token, "oSecretUser", "hello there"} {
			if strings.Contains(d.log.String(), secret) {
				t.Errorf("the log shows %s: %s", secret, d.log)
			}
		}
	})
	d.url = server.URL + "/wechat/"
	return d
}

func signed(nonce string) url.Values {
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	return url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "signature": {push.Sign(token, timestamp, nonce)}}
}

func (d *desk) call(method, path, body string) (int, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml")
	res, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, string(said)
}

func (d *desk) wants(method, path, body string, status int, words string) {
	d.t.Helper()
	if code, said := d.call(method, path, body); code != status || !strings.Contains(said, words) {
		d.t.Errorf("%s %s: %d %q, want %d %q", method, path, code, said, status, words)
	}
}

func (d *desk) waiting(want int) {
	d.t.Helper()
	if n, err := d.box.Waiting(context.Background(), "shop"); err != nil || n != want {
		d.t.Errorf("%d pushes wait, want %d; %v", n, want, err)
	}
}

func TestTheAddressIsChecked(t *testing.T) {
	d := newDesk(t, redistest.Mini(t), "")
	query := signed("1")
	query.Set("echostr", "4375120948345356249")
	d.wants("GET", "shop?"+query.Encode(), "", 200, "4375120948345356249")
	query.Set("nonce", "2")
	d.wants("GET", "shop?"+query.Encode(), "", 403, "callback.token")
	d.wants("GET", "nobody?"+query.Encode(), "", 404, "no such account")
	d.wants("GET", "mute?"+query.Encode(), "", 404, "callback.token")
	d.wants("PUT", "shop", "", 405, "")
}

func TestPushesOfOursAreKept(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client, "")
		first := signed("1").Encode()
		d.wants("POST", "shop?"+first, receipt, 200, "success")
		d.wants("POST", "shop?"+first, receipt, 200, "success") // WeChat's repeat
		d.waiting(1)
		d.wants("POST", "shop?"+first, strings.Replace(receipt, "success", "failed:user block", 1), 403, "another body")
		d.wants("POST", "shop?"+signed("2").Encode(), receipt, 200, "success") // the repeat, signed anew
		d.waiting(2)
		d.wants("POST", "shop?"+signed("3").Encode(), text, 200, "success")
		d.waiting(2)
		want := map[string]int{"shop templatesendjobfinish": 3, "shop text": 1, "shop refused replay": 1}
		if !maps.Equal(d.counts.all, want) {
			t.Errorf("%v, want %v", d.counts.all, want)
		}
	})
}

func TestWhatIsRefusedIsCountedAndNotLogged(t *testing.T) {
	d := newDesk(t, redistest.Mini(t), "http://127.0.0.1:1/")
	old := strconv.FormatInt(time.Now().Add(-11*time.Minute).Unix(), 10)
	stale := url.Values{"timestamp": {old}, "nonce": {"1"}, "signature": {push.Sign(token, old, "1")}}
	forged := signed("1")
	forged.Set("signature", strings.Repeat("0", 40))
	for _, tt := range []struct {
		query  url.Values
		body   string
		status int
		why    push.Refusal
	}{
		{forged, receipt, 403, push.Forged},
		{url.Values{}, receipt, 403, push.Forged},
		{stale, receipt, 403, push.Stale},
		{signed("1"), "oSecretUser", 400, push.Damaged},
		{signed("1"), `<xml><ToUserName><![CDATA[hello there]]&g;</ToUserName></xml>`, 400, push.Damaged},
		{signed("1"), strings.Repeat("<a>", 20000), 400, push.Deep},
		{signed("1"), `<!DOCTYPE a [<!ENTITY b "c">]><xml>&b;</xml>`, 400, push.Damaged},
		{signed("1"), strings.Repeat("x", push.MaxBody+1), 413, push.Big},
	} {
		before := d.counts.all["shop refused "+string(tt.why)]
		d.wants("POST", "shop?"+tt.query.Encode(), tt.body, tt.status, "")
		if d.counts.all["shop refused "+string(tt.why)] != before+1 {
			t.Errorf("%s was not counted: %v", tt.why, d.counts.all)
		}
	}
	d.waiting(0)
}

func TestWhileRedisIsAwayWeChatIsToldToComeAgain(t *testing.T) {
	server := redistest.Start(t)
	d := newDesk(t, redistest.Client(t, server.Addr), "")
	d.wants("POST", "shop?"+signed("1").Encode(), receipt, 200, "success")
	server.Kill()
	query := signed("2").Encode()
	d.wants("POST", "shop?"+query, receipt, 503, "come again")
	server.Restart(t)
	d.wants("POST", "shop?"+query, receipt, 200, "success")
}

// receiver is another program of the account's owner.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	heard []string // query and body
	wait  time.Duration
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.heard = append(r.heard, req.URL.RawQuery+" "+string(body))
		wait := r.wait
		r.mu.Unlock()
		select {
		case <-time.After(wait):
		case <-req.Context().Done():
		}
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("<xml>a reply</xml>"))
	}))
	t.Cleanup(r.Close)
	return r
}

func TestWhatIsNotOursIsPassedOnAsItCame(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		r := newReceiver(t)
		d := newDesk(t, client, r.URL+"/in?key=1")
		query := signed("1").Encode() + "&openid=o%2Fx&odd=%e4+b"
		d.wants("POST", "shop?"+query, text, 202, "<xml>a reply</xml>")
		d.wants("POST", "shop?"+query, text, 202, "a reply") // WeChat's repeat is the receiver's business
		d.wants("POST", "shop?"+query, strings.Replace(text, "hello", "hullo", 1), 403, "another body")
		d.wants("POST", "shop?"+signed("2").Encode(), receipt, 200, "success")
		r.mu.Lock()
		defer r.mu.Unlock()
		want := "key=1&" + query + " " + text
		if len(r.heard) != 2 || r.heard[0] != want || r.heard[1] != want {
			t.Errorf("%q, want %q twice", r.heard, want)
		}
		d.waiting(1)
	})
}

func TestAReceiverThatDoesNotAnswer(t *testing.T) {
	r := newReceiver(t)
	d := newDesk(t, redistest.Mini(t), r.URL)
	r.wait = 5 * time.Second
	d.wants("POST", "shop?"+signed("1").Encode(), text, 502, "in time")
	r.Close()
	d.wants("POST", "shop?"+signed("2").Encode(), text, 502, "in time")
	if _, err := callback.NewForward("nowhere", time.Second, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
