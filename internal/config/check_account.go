package config

import (
	"encoding/base64"
	"strings"

	"wxdispatch/internal/message"
)

// A rate below one message in 5 s would let a message wait longer than a
// handler may; WeChat's highest quotas need far less than 5000 a second.
const (
	minRate = 0.2
	maxRate = 5000
)

// aesKeyLength is what WeChat's console hands out: 32 bytes in base64 without
// the padding.
const aesKeyLength = 43

func (a Account) check(m *mistakes, path string) {
	at := func(key string) string { return join(path, key) }
	if a.Type == "" {
		m.add(at("type"), "is missing; write official or miniprogram")
	}
	m.oneOf(at("type"), string(a.Type), string(message.Official), string(message.MiniProgram))
	if strings.ContainsAny(a.AppID, " \t\r\n&?=") {
		m.add(at("appid"), "has a character that no appid has; copy it from WeChat's console")
	}
	a.checkToken(m, path)
	if !(a.Rate >= minRate && a.Rate <= maxRate) {
		m.add(at("rate"), "found %v; write %v to %v messages a second", a.Rate, minRate, maxRate)
	}
	m.atLeast(at("burst"), a.Burst, 1)
	m.atLeast(at("concurrency"), a.Concurrency, 1)
	a.checkQuota(m, at("daily_quota"))
	m.oneOf(at("delivery"), string(a.Delivery), string(message.AtMostOnce), string(message.AtLeastOnce))
	m.notNegative(at("in_doubt.after"), a.InDoubt.After)
	m.oneOf(at("in_doubt.then"), a.InDoubt.Then, ThenDrop, ThenResend)
	m.oneOf(at("consents"), a.Consents, Observe, Enforce)
	m.notNegative(at("suppress_for"), a.SuppressFor)
	m.oneOf(at("template_check"), a.TemplateCheck, CheckStrict, CheckWarn, CheckOff)
	if _, err := ParseQuietHours(a.QuietHours); err != nil {
		m.add(at("quiet_hours"), "%v", err)
	}
	a.Callback.check(m, at("callback"))
	m.url(at("events.url"), a.Events.URL, "http", "https")
}

func (a Account) checkToken(m *mistakes, path string) {
	switch a.Token {
	case TokenStable, TokenClassic, TokenExternal:
	default: // what stands here may be an access_token: it is not shown
		m.add(join(path, "token"), "is none of the ways to get a token; use stable, classic or external")
	}
	source := join(path, "token_source.url")
	m.url(source, a.TokenSource.URL, "http", "https")
	if a.Token != TokenExternal && a.TokenSource.URL != "" {
		m.add(source, "is set, but token is not external; write token: external or empty it")
	}
}

func (a Account) checkQuota(m *mistakes, path string) {
	for _, kind := range message.Kinds() {
		limit, ok := a.DailyQuota[kind]
		if !ok {
			continue
		}
		if at := join(path, string(kind)); a.Type.Valid() && !a.Type.Sends(kind) {
			m.add(at, "account type %s does not send this kind; it sends %s", a.Type, kindList(a.Type))
		} else {
			m.atLeast(at, limit, 1)
		}
	}
}

func kindList(t message.AccountType) string {
	var words []string
	for _, k := range t.Kinds() {
		words = append(words, string(k))
	}
	return either(words)
}

func (c AccountCallback) check(m *mistakes, path string) {
	at := func(key string) string { return join(path, key) }
	checkAESKey(m, at("aes_key"), c.AESKey)
	checkAESKey(m, at("previous_aes_key"), c.PreviousAESKey)
	if c.AESKey != "" && c.Token == "" {
		m.add(at("token"), "is empty, but aes_key is set; copy both from WeChat's console")
	}
	m.url(at("forward.url"), c.Forward.URL, "http", "https")
	m.positive(at("forward.timeout"), c.Forward.Timeout)
}

func checkAESKey(m *mistakes, path string, key Secret) {
	if key == "" {
		return
	}
	if n := len(key); n != aesKeyLength {
		m.add(path, "has %d characters; WeChat's EncodingAESKey has %d", n, aesKeyLength)
	} else if _, err := base64.StdEncoding.DecodeString(key.Reveal() + "="); err != nil {
		m.add(path, "has a character that is not base64; copy it from WeChat's console")
	}
}
