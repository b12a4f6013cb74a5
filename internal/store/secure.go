package store

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS says how servers are spoken to that want TLS.
type TLS struct {
	CAFile   string // PEM: who vouches for the servers, and nobody else; empty: the system's authorities
	CertFile string // PEM: who we are, for servers that ask; empty: nobody
	KeyFile  string // CertFile's key
}

// config reads the authorities once, and our own certificate at each connection,
// so that a renewed one needs no restart.
func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("redis.ca_file cannot be read: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("redis.ca_file: %s holds no PEM certificate", t.CAFile)
		}
	}
	if t.CertFile != "" {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			own, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
			if err != nil {
				return nil, fmt.Errorf("redis.cert_file and redis.key_file: %w", err)
			}
			return &own, nil
		}
	}
	return c, nil
}
