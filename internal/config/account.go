package config

import (
	"time"

	"wxdispatch/internal/message"
)

// Account is one appid with its token, its pace and its rules.
type Account struct {
	Type          message.AccountType  `yaml:"type"`
	AppID         string               `yaml:"appid"`
	Secret        Secret               `yaml:"secret"`
	Token         string               `yaml:"token"`        // stable, classic, external
	TokenSource   TokenSource          `yaml:"token_source"` // token: external only
	Rate          float64              `yaml:"rate"`         // messages a second of all workers and kinds: 0.2 to 5000
	Burst         int                  `yaml:"burst"`
	DailyQuota    map[message.Kind]int `yaml:"daily_quota"` // a kind that is absent has no limit of ours
	Concurrency   int                  `yaml:"concurrency"` // one worker's greatest number of calls at once
	Delivery      message.Delivery     `yaml:"delivery"`    // of messages that say nothing
	InDoubt       InDoubt              `yaml:"in_doubt"`
	Consents      string               `yaml:"consents"`            // observe, enforce
	LongTerm      []string             `yaml:"long_term_templates"` // subscription templates that need no consent
	SuppressFor   time.Duration        `yaml:"suppress_for"`        // after 43101 on kind template; 0: not at all
	TemplateCheck string               `yaml:"template_check"`      // strict, warn, off
	QuietHours    string               `yaml:"quiet_hours"`         // "22:00-08:00" in UTC+8, or empty; see Quiet
	OnlyTo        []string             `yaml:"only_to"`             // when set, other openids end as suppressed
	Shared        bool                 `yaml:"shared"`              // others send with this appid, too
	Callback      AccountCallback      `yaml:"callback"`
	Events        AccountEvents        `yaml:"events"`

	// WeChat is what holds for this account: its own keys over the global
	// ones. In a file its keys stand directly under the account; a map
	// "wechat" there is read as well.
	WeChat WeChat `yaml:",inline"`
}

// TokenSource is another token centre. GET URL answers {access_token,
// expires_in}; POST URL/refresh takes {"stale"}. Key is its bearer key.
type TokenSource struct {
	URL string `yaml:"url"`
	Key Secret `yaml:"key"`
}

// InDoubt says what ends a doubt that nobody ended.
type InDoubt struct {
	After time.Duration `yaml:"after"` // 0: waits for a person
	Then  string        `yaml:"then"`  // drop, resend
}

// AccountCallback is what WeChat's pushes of one account are checked and read
// with. The previous ones hold while the console is being changed.
type AccountCallback struct {
	Token          Secret  `yaml:"token"`
	PreviousToken  Secret  `yaml:"previous_token"`
	AESKey         Secret  `yaml:"aes_key"` // 43 characters; empty: plain mode
	PreviousAESKey Secret  `yaml:"previous_aes_key"`
	Forward        Forward `yaml:"forward"`
}

// Forward is where pushes go that are not ours; an empty URL: nowhere.
type Forward struct {
	URL     string        `yaml:"url"`
	Timeout time.Duration `yaml:"timeout"` // WeChat itself waits 5 s
}

// AccountEvents is the webhook that final states and receipts are sent to; an
// empty URL: none.
type AccountEvents struct {
	URL    string `yaml:"url"`
	Secret Secret `yaml:"secret"` // signs each call
}
