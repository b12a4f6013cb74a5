package wxdispatch_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch"
	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
)

// secretKey must show nowhere.
const secretKey = "app-key-0123456789abcdef"

// everyWay runs a suite over Redis and over the real HTTP API, each on every
// kind of Redis.
func everyWay(t *testing.T, suite func(t *testing.T, a *app)) {
	t.Run("Redis", func(t *testing.T) {
		redistest.Each(t, func(t *testing.T, client redis.UniversalClient) { suite(t, newApp(t, client)) })
	})
	t.Run("HTTP", func(t *testing.T) {
		redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
			suite(t, &app{overHTTP(t, serve(t, settings(client)), secretKey), t, ledger.New(client)})
		})
	})
}

// overHTTP is a client of the API at base.
func overHTTP(t testing.TB, base, key string, options ...wxdispatch.HTTPOption) *wxdispatch.Client {
	t.Helper()
	client, err := wxdispatch.New(wxdispatch.HTTP(base, key, options...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// settings is a configuration of enqueue serve over a Redis.
func settings(client redis.UniversalClient) *config.Config {
	cfg := config.Defaults()
	cfg.Redis.Addrs = []string{client.(*redis.Client).Options().Addr}
	cfg.API.Listen = "127.0.0.1:0"
	for name, kind := range map[string]message.AccountType{"shop": message.Official, "mini": message.MiniProgram} {
		account := config.AccountDefaults(cfg.WeChat)
		account.Type, account.AppID, account.Secret = kind, "wx-"+name, "app-secret-0123456789"
		cfg.Accounts[name] = account
	}
	cfg.API.Keys["app"] = config.Key{Key: secretKey, Scopes: []string{"send", "read", "admin"}}
	cfg.API.Keys["mini"] = config.Key{Key: "mini-" + secretKey, Scopes: []string{"send"}, Accounts: []string{"mini"}}
	return &cfg
}

// serve runs enqueue serve until the test ends and returns its address.
func serve(t testing.TB, cfg *config.Config) string {
	t.Helper()
	g, err := gateway.New(cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		err = g.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Stop(); err != nil {
			t.Error(err)
		}
	})
	return g.URL()
}

func TestRefusalsHaveTheSameClassEveryWay(t *testing.T) {
	everyWay(t, func(t *testing.T, a *app) {
		if err := a.Suppress(t.Context(), "shop", wxdispatch.Suppression{OpenID: "oUnwilling"}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Send(t.Context(), order(t, "known", "oUser")); err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			m     *wxdispatch.Message
			class wxdispatch.Class
		}{
			"taken":       {order(t, "new", "oUser"), ""},
			"again":       {order(t, "known", "oUser"), ""},
			"conflict":    {order(t, "known", "oOther"), wxdispatch.Conflict},
			"unwanted":    {order(t, "no", "oUnwilling"), wxdispatch.Unwanted},
			"forced":      {order(t, "yes", "oUnwilling", wxdispatch.Force()), ""},
			"too far":     {order(t, "far", "oUser", wxdispatch.SendAt(time.Now().Add(9000*time.Hour))), wxdispatch.Invalid},
			"unpermitted": {made(t, "mini", wxdispatch.WXOpen{ToUser: "o", TemplateID: "t"}), wxdispatch.Unpermitted},
			"wrong kind":  {made(t, "mini", wxdispatch.Template{ToUser: "o", TemplateID: "t", Data: wxdispatch.Data{"k": "v"}}), wxdispatch.Invalid},
			"no account":  {made(t, "shpo", wxdispatch.Template{ToUser: "o", TemplateID: "t", Data: wxdispatch.Data{"k": "v"}}), wxdispatch.NotFound},
			"nil":         {nil, wxdispatch.Invalid},
		} {
			result, err := a.Send(t.Context(), c.m)
			if class(err) != c.class {
				t.Errorf("%s: %v, want class %q", what, err, c.class)
			}
			if c.m != nil && (result.ID == "" || result.Account != c.m.Account) {
				t.Errorf("%s: the result %+v does not name the message", what, result)
			}
			if what == "too far" && !strings.Contains(fmt.Sprint(err), "send_at: found") {
				t.Errorf("%v does not tell the field", err)
			}
		}
	})
}

func TestWhatIsKeptForAUserEveryWay(t *testing.T) {
	everyWay(t, func(t *testing.T, a *app) {
		ctx := t.Context()
		results, err := a.AddPermits(ctx, "mini", []wxdispatch.Grant{
			{OpenID: "oUser", Code: "wx221200001001"},
			{OpenID: "oUser", Code: "the formId is a mock one"},
			{OpenID: "oUser", Type: wxdispatch.ConsentPermit, Template: "tpl", Count: 2},
		})
		if err != nil || len(results) != 3 || results[0].Err != nil || class(results[1].Err) != wxdispatch.Invalid || results[2].Left != 2 {
			t.Fatalf("%+v, %v", results, err)
		}
		again, err := a.AddPermit(ctx, "mini", wxdispatch.Grant{OpenID: "oUser", Code: "wx221200001001"})
		if err != nil || !again.Known || again.Left != 3 {
			t.Errorf("again: %+v, %v", again, err)
		}
		left, err := a.Permits(ctx, "mini", "oUser")
		if err != nil || len(left) != 2 || left[0].ExpiresAt.IsZero() || left[1].Template != "tpl" {
			t.Errorf("%+v, %v", left, err)
		}
		if removed, err := a.RemovePermit(ctx, "mini", wxdispatch.Grant{OpenID: "oUser", Template: "tpl", Count: 1}); err != nil || removed.Left != 1 {
			t.Errorf("%+v, %v", removed, err)
		}
		_, gone := a.RemovePermit(ctx, "mini", wxdispatch.Grant{OpenID: "oUser", Code: "wx9"})
		_, nobody := a.Permits(ctx, "none", "oUser")
		_, noUser := a.Permits(ctx, "mini", "o user")
		if class(gone) != wxdispatch.NotFound || class(nobody) != wxdispatch.NotFound || class(noUser) != wxdispatch.Invalid {
			t.Errorf("%v, %v, %v", gone, nobody, noUser)
		}

		until := time.Now().Add(time.Hour).Truncate(time.Second)
		if err := a.Suppress(ctx, "mini", wxdispatch.Suppression{OpenID: "oUser", Template: "tpl", Until: until}); err != nil {
			t.Error(err)
		}
		list, err := a.Suppressions(ctx, "mini", "oUser")
		if err != nil || len(list) != 1 || list[0].Template != "tpl" || !list[0].Until.Equal(until) || list[0].OpenID != "oUser" || list[0].By != "app" {
			t.Errorf("%+v, %v", list, err)
		}
		if err := a.LiftSuppression(ctx, "mini", "oUser", "tpl"); err != nil {
			t.Error(err)
		}
		if err := a.LiftSuppression(ctx, "mini", "oUser", "tpl"); class(err) != wxdispatch.NotFound {
			t.Error(err)
		}
	})
}

func TestAKeyThatIsNotForItIsDenied(t *testing.T) {
	base := serve(t, settings(redistest.Mini(t)))
	stranger := overHTTP(t, base, "another-key-0123456789")
	_, err := stranger.Send(t.Context(), order(t, "a", "oUser"))
	if class(err) != wxdispatch.Denied {
		t.Error(err)
	}
	narrow := overHTTP(t, base, "mini-"+secretKey)
	if _, err := narrow.Send(t.Context(), order(t, "a", "oUser")); class(err) != wxdispatch.Denied {
		t.Error(err)
	}
	if _, err := narrow.Status(t.Context(), "mini", "a"); class(err) != wxdispatch.Denied {
		t.Error(err)
	}
}

// A message whose outcome is open has an id, so that a repeat is no second one.
func TestAServerThatIsAwayIsUnavailableAndTheIDIsKnown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	_ = listener.Close()
	client := overHTTP(t, base, secretKey)
	result, err := client.Send(t.Context(), order(t, "", "oUser"))
	var failure *wxdispatch.Error
	if !errors.As(err, &failure) || failure.Class != wxdispatch.Unavailable || failure.RetryAfter <= 0 || len(result.ID) != 26 {
		t.Fatalf("%+v, %v", result, err)
	}
	secrettest.Hidden(t, "the error", fmt.Sprintf("%v %+v %#v", err, failure, failure), secretKey)
	secrettest.Hidden(t, "the client", fmt.Sprintf("%v %+v %#v %+v", client, client, client, *client), secretKey)
	if strings.Contains(err.Error(), "/api/") {
		t.Errorf("%v tells an address of the API", err)
	}
}

func TestWhereAKeyMayGo(t *testing.T) {
	for _, c := range []struct {
		base, key string
		options   []wxdispatch.HTTPOption
		good      bool
	}{
		{"https://wx.example.com", "k", nil, true},
		{"https://wx.example.com/below/", "k", nil, true},
		{"http://127.0.0.1:8081", "k", nil, true},
		{"http://[::1]:8081", "k", nil, true},
		{"http://localhost:8081", "k", nil, true},
		{"http://10.0.0.7:8081", "k", nil, false},
		{"http://10.0.0.7:8081", "k", []wxdispatch.HTTPOption{wxdispatch.AllowPlainHTTP()}, true},
		{"http://localhost.example.com", "k", nil, false},
		{"https://user:password-in-it@wx.example.com", "k", nil, false},
		{"wx.example.com:8081", "k", nil, false},
		{"https://wx.example.com?key=k", "k", nil, false},
		{"://", "k", nil, false},
		{"", "k", nil, false},
		{"https://wx.example.com", "", nil, false},
		{"https://wx.example.com", "two\r\nlines-of-key", nil, false},
	} {
		client, err := wxdispatch.New(wxdispatch.HTTP(c.base, c.key, c.options...))
		if (err == nil) != c.good || (client == nil) == c.good || !c.good && class(err) != wxdispatch.Invalid {
			t.Errorf("%q with key %q: %v", c.base, c.key, err)
		}
		if err != nil {
			secrettest.Hidden(t, "the error", err.Error(), "password-in-it", "lines-of-key")
		}
	}
	if _, err := wxdispatch.New(wxdispatch.Way{}); class(err) != wxdispatch.Invalid {
		t.Errorf("no way at all: %v", err)
	}
}

func class(err error) wxdispatch.Class {
	var failure *wxdispatch.Error
	if errors.As(err, &failure) {
		return failure.Class
	}
	return ""
}

// order is a message of account shop.
func order(t testing.TB, id, openid string, options ...wxdispatch.MessageOption) *wxdispatch.Message {
	t.Helper()
	return made(t, "shop", wxdispatch.Template{ToUser: openid, TemplateID: "tpl", Data: wxdispatch.Data{"keyword1": "已付款"}},
		append(options, wxdispatch.ID(id))...)
}

func made(t testing.TB, account string, body wxdispatch.Body, options ...wxdispatch.MessageOption) *wxdispatch.Message {
	t.Helper()
	m, err := wxdispatch.NewMessage(account, body, options...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
