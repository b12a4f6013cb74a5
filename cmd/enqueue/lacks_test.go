package main

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"

	"wxdispatch/internal/redistest"
)

// TestServeSaysWhatRedisLacks in its log, each with what to do; it serves on, for
// Redis may be mended meanwhile.
func TestServeSaysWhatRedisLacks(t *testing.T) {
	const looker, lookers = "WXDISPATCH_REDIS_USERNAME=" + redistest.Looker, "WXDISPATCH_REDIS_PASSWORD=" + redistest.LookerPassword
	authority, stranger := redistest.NewAuthority(t), redistest.NewAuthority(t)
	secure := redistest.Start(t, authority.Args()...)
	for _, c := range []struct {
		name  string
		addr  string
		vars  []string
		words []string
	}{
		{"eviction, no file", redistest.Server(t, "--maxmemory-policy", "allkeys-lru"), nil,
			[]string{`"WARN".*allkeys-lru.*CONFIG SET maxmemory-policy noeviction`, `"WARN".*appendonly is off.*set appendonly yes`}},
		{"an old version", redistest.Old(t), nil, []string{`"WARN".*redis version.*5\..*upgrade Redis to 6\.2 or newer`}},
		{"no EVAL", redistest.Limited(t, "-eval"), []string{looker, lookers}, []string{`"WARN".*may not: EVAL.*docs/redis\.md`}},
		{"a wrong password", redistest.Limited(t), []string{looker, lookers + "-not"}, []string{"Redis is away.*copy redis.username and redis.password"}},
		{"no Redis", "127.0.0.1:1", nil, []string{"Redis is away.*start Redis, or mend redis.addrs"}},
		{"no TLS", secure.TLSAddr, nil, []string{"Redis is away.*set redis.tls: true"}},
		{"another authority", secure.TLSAddr, []string{"WXDISPATCH_REDIS_TLS=true", "WXDISPATCH_REDIS_CA_FILE=" + stranger.CAFile}, []string{"Redis is away.*redis.ca_file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			stderr, writer := io.Pipe()
			var log strings.Builder
			code := make(chan int, 1)
			go func() {
				code <- run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, writer, append(serveEnv(c.addr), c.vars...))
				_ = writer.Close()
			}()
			missing := c.words
			for lines := bufio.NewScanner(stderr); lines.Scan(); {
				log.WriteString(lines.Text() + "\n")
				if len(missing) > 0 && regexp.MustCompile(missing[0]).MatchString(log.String()) {
					missing = missing[1:]
				}
				if len(missing) == 0 && strings.Contains(log.String(), "the HTTP API serves") {
					stop()
				}
			}
			if got := <-code; got != exitOK || len(missing) > 0 {
				t.Errorf("exit %d, and %q was not said:\n%s", got, missing, log.String())
			}
		})
	}
}

// TestCommandsSayWhyRedisDoesNotAnswer, with what to do.
func TestCommandsSayWhyRedisDoesNotAnswer(t *testing.T) {
	authority := redistest.NewAuthority(t)
	secure := redistest.Start(t, authority.Args()...)
	s := newShell(t, secure.TLSAddr)
	s.run("", "status", "shop", "a").exits(exitOurs).says("set redis.tls: true")
	s.environ = append(s.environ, "WXDISPATCH_REDIS_TLS=true")
	s.run("", "status", "shop", "a").exits(exitOurs).says("redis.ca_file")
	s.environ = append(s.environ, "WXDISPATCH_REDIS_CA_FILE="+authority.CAFile)
	s.run("", "status", "shop", "a").exits(exitOurs).says("set redis.cert_file and redis.key_file")
	s.environ = append(s.environ, "WXDISPATCH_REDIS_CERT_FILE="+authority.CertFile, "WXDISPATCH_REDIS_KEY_FILE="+authority.KeyFile)
	s.run("", "status", "shop", "a").exits(exitRefused)
	s.environ = append(s.environ, "WXDISPATCH_REDIS_CA_FILE=nowhere.pem")
	s.run("", "status", "shop", "a").exits(exitUsage).says("redis.ca_file", "cannot be read")
}
