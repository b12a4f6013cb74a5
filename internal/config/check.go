package config

import (
	"log/slog"
	"slices"
	"time"
)

// callMargin is what ending a worker takes beside the last call.
const callMargin = 5 * time.Second

// check judges the values of a whole configuration, whatever program reads it.
func (c *Config) check(m *mistakes) {
	c.Redis.check(m)
	c.WeChat.check(m, "wechat")
	for _, name := range sortedKeys(c.Accounts) {
		a := c.Accounts[name]
		path := join("accounts", name)
		a.check(m, path)
		if a.WeChat != c.WeChat {
			a.WeChat.check(m, path)
		}
	}
	c.Retry.check(m)
	m.positive("park.probe_interval", c.Park.ProbeInterval)
	m.positive("message.max_age", c.Message.MaxAge)
	m.positive("message.keep", c.Message.Keep)
	c.checkWorker(m)
	c.checkAPI(m)
	m.address("callback.listen", c.Callback.Listen, 0)
	m.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	m.oneOf("log.format", c.Log.Format, "json", "text")
	c.Traces.check(m)
}

// SlogLevel returns the level as slog's.
func (l Log) SlogLevel() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // check allows slog's names only
	return level
}

func (r Retry) check(m *mistakes) {
	m.atLeast("retry.max_attempts", r.MaxAttempts, 1)
	m.positive("retry.min_delay", r.MinDelay)
	m.positive("retry.max_delay", r.MaxDelay)
	if r.MaxDelay < r.MinDelay {
		m.add("retry.max_delay", "found %s, less than min_delay %s; write at least that", r.MaxDelay, r.MinDelay)
	}
}

func (c *Config) checkWorker(m *mistakes) {
	w := c.Worker
	m.address("worker.listen", w.Listen, 0)
	m.oneOf("worker.ui", w.UI, ReadOnly, ReadWrite)
	m.positive("worker.shutdown_timeout", w.ShutdownTimeout)
	switch {
	case w.User == "" && w.Password != "":
		m.add("worker.user", "is empty, but a password is set; write both or none")
	case w.User != "" && w.Password == "":
		m.add("worker.password", "is empty, but a user is set; write both or none")
	}
	longest, owner := c.WeChat.Timeout, "wechat.timeout"
	for _, name := range sortedKeys(c.Accounts) {
		if t := c.Accounts[name].WeChat.Timeout; t > longest {
			longest, owner = t, join("accounts", name)+".timeout"
		}
	}
	if w.ShutdownTimeout < longest+callMargin {
		m.add("worker.shutdown_timeout", "found %s; a call may take %s (%s), so write at least %s",
			w.ShutdownTimeout, longest, owner, longest+callMargin)
	}
}

// minKey is an API key's least length in characters.
const minKey = 16

func (c *Config) checkAPI(m *mistakes) {
	m.address("api.listen", c.API.Listen, 0)
	owner := map[Secret]string{}
	for _, name := range sortedKeys(c.API.Keys) {
		key, path := c.API.Keys[name], join("api.keys", name)
		switch n := len(key.Key); {
		case n == 0:
			m.add(path+".key", "is missing; write at least %d characters, or key_file", minKey)
		case n < minKey:
			m.add(path+".key", "has %d characters; write at least %d", n, minKey)
		case owner[key.Key] != "":
			m.add(path+".key", "is the same as that of api.keys.%s; give each caller its own", owner[key.Key])
		default:
			owner[key.Key] = name
		}
		if len(key.Scopes) == 0 {
			m.add(path+".scopes", "is empty, so that the key may do nothing; write some of %s", either(Scopes()))
		}
		for _, scope := range key.Scopes {
			m.oneOf(path+".scopes", scope, Scopes()...)
		}
		for _, account := range key.Accounts {
			if _, known := c.Accounts[account]; !known {
				m.add(path+".accounts", "found %q, which is no account here; known: %s", account, listed(sortedKeys(c.Accounts)))
			}
		}
	}
}

// listed names words, sorted, or says that there are none.
func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return either(slices.Sorted(slices.Values(words)))
}
