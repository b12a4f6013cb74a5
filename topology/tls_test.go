package topology_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/worker"
	"wxdispatch/internal/worker/check"
)

// overTLS is a Redis whose servers an authority vouches for, and who ask for a
// certificate of ours.
func overTLS(a *redistest.Authority, mode string, addrs ...string) config.Redis {
	return config.Redis{Mode: mode, Addrs: addrs, TLS: true, CAFile: a.CAFile, CertFile: a.CertFile, KeyFile: a.KeyFile}
}

// TestTLS: one server, Sentinel and Cluster over TLS, with certificates on both
// sides.
func TestTLS(t *testing.T) {
	a := redistest.NewAuthority(t)
	t.Run("single", func(t *testing.T) {
		s := newStage(t, overTLS(a, config.Single, redistest.Start(t, a.Args()...).TLSAddr))
		s.work()
		s.everything()
	})
	for _, c := range []struct {
		name  string
		redis func(t *testing.T) config.Redis
	}{
		{"sentinel", func(t *testing.T) config.Redis {
			r := overTLS(a, config.Sentinel, redistest.Sentinel(t, a.Args()...).Sentinel.TLSAddr)
			r.MasterName = redistest.MasterName
			return r
		}},
		{"cluster", func(t *testing.T) config.Redis {
			return overTLS(a, config.Cluster, redistest.Cluster(t, a.Args()...).TLSAddrs()...)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.redis(t)
			r.WaitReplicas = 1
			s := newStage(t, r)
			s.work()
			before, list := s.sim.Stats(), spread(t, "secure", 30)
			s.hand(s.desk, list)
			s.eachOnce(before, list)
		})
	}
}

// TestTLSThatFails: a worker that cannot start, and `worker check`, say what to
// mend.
func TestTLSThatFails(t *testing.T) {
	a, stranger := redistest.NewAuthority(t), redistest.NewAuthority(t)
	server := redistest.Start(t, a.Args()...)
	good := overTLS(a, config.Single, server.TLSAddr)
	for _, c := range []struct {
		name  string
		spoil func(r *config.Redis)
		do    string
	}{
		{"the system's authorities", func(r *config.Redis) { r.CAFile = "" }, "redis.ca_file"},
		{"another authority", func(r *config.Redis) { r.CAFile = stranger.CAFile }, "redis.ca_file"},
		{"a file that went", func(r *config.Redis) { r.CAFile = "nowhere.pem" }, "redis.ca_file cannot be read"},
		{"no certificate of ours", func(r *config.Redis) { r.CertFile, r.KeyFile = "", "" }, "set redis.cert_file and redis.key_file"},
		{"a stranger's certificate", func(r *config.Redis) { r.CertFile, r.KeyFile = stranger.CertFile, stranger.KeyFile }, "does not take our certificate"},
		{"no TLS", func(r *config.Redis) { r.TLS = false }, "set redis.tls: true"},
		{"TLS where there is none", func(r *config.Redis) { r.Addrs = []string{server.Addr} }, "its tls-port belongs into redis.addrs"},
		{"another name", func(r *config.Redis) {
			r.Addrs = []string{strings.Replace(server.TLSAddr, "127.0.0.1", "localhost", 1)}
		}, "the name in Redis's certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, good)
			c.spoil(&s.cfg.Redis)
			_, err := worker.New(&s.cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.do) {
				t.Errorf("the worker says %v, want %q", err, c.do)
			}
			all := check.Store(t.Context(), check.Options{Config: &s.cfg, Redis: check.NewRedis(s.client())})
			if len(all) != 1 || all[0].Level != check.Fail || !strings.Contains(all[0].Words+all[0].Do, c.do) {
				t.Errorf("check says %+v, want %q", all, c.do)
			}
		})
	}
}
