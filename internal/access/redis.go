package access

import (
	"wxdispatch/internal/config"
	"wxdispatch/internal/store"
)

// Redis is which Redis a configuration means, and how it is reached.
func Redis(r config.Redis) store.Options {
	o := store.Options{Addrs: r.Addrs, Username: r.Username, Password: r.Password.Reveal(), DB: r.DB,
		MasterName: r.MasterName, Cluster: r.Mode == config.Cluster}
	if r.TLS {
		o.TLS = &store.TLS{CAFile: r.CAFile, CertFile: r.CertFile, KeyFile: r.KeyFile}
	}
	return o
}
