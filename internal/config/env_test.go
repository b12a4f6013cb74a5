package config

import (
	"reflect"
	"strings"
	"testing"

	"wxdispatch/internal/message"
)

func TestVariablesWin(t *testing.T) {
	cfg := mustLoad(t, "redis: {db: 1, addrs: [x:1]}\naccounts: {my-shop: {type: official, rate: 5}}",
		"PATH=/bin",
		"WXDISPATCH_TEST_REDIS=ignored",
		"WXDISPATCH_REDIS_ADDRS=a:6379, b:6379",
		"WXDISPATCH_REDIS_MODE=cluster",
		"WXDISPATCH_REDIS_DB=0",
		"WXDISPATCH_ACCOUNTS_MY_SHOP_RATE=9",
		"WXDISPATCH_ACCOUNTS_MY_SHOP_DAILY_QUOTA_TEMPLATE=12",
		"WXDISPATCH_ACCOUNTS_NEW_ONE_TYPE=miniprogram",
		"WXDISPATCH_ACCOUNTS_NEW_ONE_CALLBACK_TOKEN=abc",
		"WXDISPATCH_API_KEYS_BACK_END_KEY=0123456789abcdef",
		"WXDISPATCH_API_KEYS_BACK_END_SCOPES=send,read",
	)
	newOne := cfg.Accounts["new-one"]
	checks := []struct {
		name      string
		got, want any
	}{
		{"list", cfg.Redis.Addrs, []string{"a:6379", "b:6379"}},
		{"number", cfg.Redis.DB, 0},
		{"account of the file", cfg.Accounts["my-shop"].Rate, 9.0},
		{"quota", cfg.Accounts["my-shop"].DailyQuota, map[message.Kind]int{message.Template: 12}},
		{"account that the file does not name", newOne.Type, message.MiniProgram},
		{"its other key", newOne.Callback.Token.Reveal(), "abc"},
		{"its defaults", newOne.Rate, 100.0},
		{"API key", cfg.API.Keys["back-end"].Key.Reveal(), "0123456789abcdef"},
		{"API key's scopes", cfg.API.Keys["back-end"].Scopes, []string{"send", "read"}},
	}
	for _, c := range checks {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestVariablesThatAreMistakes(t *testing.T) {
	const both = "accounts: {shop: {type: official}, shop-callback: {type: official}}"
	tests := []struct {
		name, text, env string
		path            string
		words           []string
	}{
		{"typo", "", "WXDISPATCH_REDIS_ADRS=a:1", "WXDISPATCH_REDIS_ADRS", []string{"did you mean WXDISPATCH_REDIS_ADDRS?"}},
		{"typo in an account", shop, "WXDISPATCH_ACCOUNTS_SHOP_SECRT=x", "WXDISPATCH_ACCOUNTS_SHOP_SECRT", []string{"WXDISPATCH_ACCOUNTS_SHOP_SECRET?"}},
		{"a group", "", "WXDISPATCH_REDIS=a", "WXDISPATCH_REDIS", []string{"no key"}},
		{"nothing like a key", "", "WXDISPATCH_COLOUR_OF_THE_SKY=blue", "WXDISPATCH_COLOUR_OF_THE_SKY", []string{"path in capitals"}},
		{"two accounts", both, "WXDISPATCH_ACCOUNTS_SHOP_CALLBACK_TOKEN=x", "WXDISPATCH_ACCOUNTS_SHOP_CALLBACK_TOKEN",
			[]string{"accounts.shop.callback.token", "accounts.shop-callback.token"}},
		{"two accounts, none known", "", "WXDISPATCH_ACCOUNTS_SHOP_EVENTS_SECRET=x", "WXDISPATCH_ACCOUNTS_SHOP_EVENTS_SECRET",
			[]string{"accounts.shop.events.secret", "accounts.shop-events.secret"}},
		{"two API keys", "api: {keys: {a-b: {key: 0123456789abcdef, scopes: [send]}, a_b: {key: 0123456789abcdeg, scopes: [send]}}}",
			"WXDISPATCH_API_KEYS_A_B_SCOPES=read", "WXDISPATCH_API_KEYS_A_B_SCOPES", []string{"api.keys.a-b.scopes", "api.keys.a_b.scopes"}},
		{"account without type", "", "WXDISPATCH_ACCOUNTS_SHOP_APPID=wx1", "accounts.shop.type", []string{"missing", "WXDISPATCH_ACCOUNTS_SHOP_APPID"}},
		{"no number", "", "WXDISPATCH_REDIS_DB=one", "redis.db", []string{`"one"`, "whole number", "WXDISPATCH_REDIS_DB"}},
		{"hole in a list", "", "WXDISPATCH_REDIS_ADDRS=a:1,,b:2", "redis.addrs", []string{"a,b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text, tt.env)
			text := fieldsOf(t, err)[tt.path]
			for _, word := range tt.words {
				if !strings.Contains(text, word) {
					t.Errorf("at %s: %q, want %q in it (all: %v)", tt.path, text, word, err)
				}
			}
		})
	}
}

// A variable that could mean two accounts means the one that is known.
func TestKnownAccountsDecide(t *testing.T) {
	tests := []struct {
		name, text string
		env        []string
	}{
		{"by the file", shop, nil},
		{"by another variable", "", []string{"WXDISPATCH_ACCOUNTS_SHOP_TYPE=official"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := mustLoad(t, tt.text, append(tt.env, "WXDISPATCH_ACCOUNTS_SHOP_CALLBACK_TOKEN=x")...)
			if got := cfg.Accounts["shop"].Callback.Token.Reveal(); got != "x" || len(cfg.Accounts) != 1 {
				t.Errorf("token %q of %d accounts, want x of one", got, len(cfg.Accounts))
			}
		})
	}
}

func TestOneKeyByTwoVariables(t *testing.T) {
	_, err := load(t, shop, "WXDISPATCH_ACCOUNTS_SHOP_TIMEOUT=4s", "WXDISPATCH_ACCOUNTS_SHOP_WECHAT_TIMEOUT=4s")
	text := fieldsOf(t, err)["accounts.shop.timeout"]
	if !strings.Contains(text, "SHOP_TIMEOUT") || !strings.Contains(text, "SHOP_WECHAT_TIMEOUT") {
		t.Errorf("want both variables named, got %q", text)
	}
}
