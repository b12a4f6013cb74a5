package config

import (
	"time"

	"wxdispatch/internal/message"
)

// Defaults returns what holds where nothing was written. It has no accounts
// and no API keys.
func Defaults() Config {
	return Config{
		Redis:    Redis{Mode: Single, Addrs: []string{"127.0.0.1:6379"}},
		WeChat:   WeChat{BaseURL: "https://api.weixin.qq.com", Timeout: 5 * time.Second},
		Accounts: map[string]Account{},
		Retry:    Retry{MaxAttempts: 12, MinDelay: time.Second, MaxDelay: 5 * time.Minute},
		Park:     Park{ProbeInterval: 10 * time.Minute},
		Message:  Message{MaxAge: 7 * 24 * time.Hour, Keep: 7 * 24 * time.Hour},
		Worker:   Worker{Listen: "127.0.0.1:8080", UI: ReadOnly, ShutdownTimeout: 20 * time.Second},
		API:      API{Listen: "127.0.0.1:8081", Keys: map[string]Key{}},
		Callback: Callback{Listen: "127.0.0.1:8082"},
		Log:      Log{Level: "info", Format: "json"},
		Traces:   Traces{Sample: 1},
	}
}

// AccountDefaults returns what holds for an account where nothing was written,
// with the global keys of wechat.
func AccountDefaults(wechat WeChat) Account {
	return Account{
		Token:         TokenStable,
		Rate:          100,
		Burst:         20,
		DailyQuota:    map[message.Kind]int{},
		Concurrency:   50,
		Delivery:      message.AtMostOnce,
		InDoubt:       InDoubt{Then: ThenDrop},
		Consents:      Observe,
		SuppressFor:   72 * time.Hour,
		TemplateCheck: CheckWarn,
		OnlyTo:        []string{},
		LongTerm:      []string{},
		Callback:      AccountCallback{Forward: Forward{Timeout: 4 * time.Second}},
		WeChat:        wechat,
	}
}
