package store

import "strings"

const (
	otherName = "write the name in Redis's certificate into redis.addrs, or give Redis one for this address"
	hungUp    = "Redis hung up: start it when it has ended; when it hangs up at every first word, this is its tls-port (set redis.tls: true), or with TLS it does not take our certificate or got none: set redis.cert_file and redis.key_file, signed by the authority that Redis trusts"
	slow      = "see that Redis runs and can be reached; with redis.tls its tls-port belongs into redis.addrs, without it another"
)

// Advice is what to do about a Redis that does not answer, by the words of its
// error.
func Advice(err error) string {
	for _, known := range []struct{ words, do string }{
		{"NOAUTH", "set redis.password (WXDISPATCH_REDIS_PASSWORD or password_file)"},
		{"WRONGPASS", "copy redis.username and redis.password from Redis's users"},
		{"invalid password", "copy redis.username and redis.password from Redis's users"},
		{"NOPERM", "give redis.username its rights: ACL SETUSER as docs/redis.md has it"},
		{"cluster support disabled", "it is no cluster: set redis.mode: single, or sentinel"},
		{"master_name", "write the name that the sentinels watch into redis.master_name"},
		{"No such master", "write the name that the sentinels watch into redis.master_name"},
		{"valid for", otherName},
		{"validate certificate for", otherName},
		{"certificate has expired", "renew Redis's certificate, or put this machine's clock right"},
		{"x509", "write the file of the authority that signed Redis's certificate into redis.ca_file"},
		{"certificate required", "this Redis asks who comes: set redis.cert_file and redis.key_file"},
		{"remote error: tls", "this Redis does not take our certificate: have redis.cert_file signed by the authority that it trusts"},
		{"does not look like a TLS handshake", "this port speaks no TLS: write Redis's tls-port into redis.addrs, or set redis.tls: false"},
		{"EOF", hungUp},
		{"connection reset by peer", hungUp},
		{"all sentinels", "start the sentinels, or mend redis.addrs and redis.master_name"},
		{"deadline exceeded", slow},
		{"i/o timeout", slow},
		{"LOADING", "Redis still reads its data: try again in a minute"},
	} {
		if strings.Contains(err.Error(), known.words) {
			return known.do
		}
	}
	return "start Redis, or mend redis.addrs, redis.tls, user and password"
}
