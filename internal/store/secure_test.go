package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

// TestARenewedCertificateNeedsNoRestart: our own is read at each connection.
func TestARenewedCertificateNeedsNoRestart(t *testing.T) {
	authority, stranger := redistest.NewAuthority(t), redistest.NewAuthority(t)
	dir := t.TempDir()
	own := &store.TLS{CAFile: authority.CAFile, CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	write := func(from *redistest.Authority) {
		for old, name := range map[string]string{from.CertFile: own.CertFile, from.KeyFile: own.KeyFile} {
			text, err := os.ReadFile(old)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	client := store.Open(store.Options{Addrs: []string{redistest.Start(t, authority.Args()...).TLSAddr}, TLS: own})
	defer client.Close()
	write(stranger)
	if err := store.Ping(t.Context(), client); err == nil {
		t.Fatal("a stranger's certificate is good enough")
	}
	write(authority)
	if err := store.Ping(t.Context(), client); err != nil {
		t.Fatal(err)
	}
}
