package config

import "crypto/tls"

func (r Redis) check(m *mistakes) {
	m.oneOf("redis.mode", r.Mode, Single, Sentinel, Cluster, Embedded)
	lowest := 1
	if r.Mode == Embedded {
		lowest = 0 // tests let the system choose a port
	}
	if len(r.Addrs) == 0 {
		m.add("redis.addrs", "is empty; write at least one host:port")
	}
	for _, addr := range r.Addrs {
		m.address("redis.addrs", addr, lowest)
	}
	if (r.Mode == Single || r.Mode == Embedded) && len(r.Addrs) > 1 {
		m.add("redis.addrs", "found %d; mode %s has one (use mode sentinel or cluster)", len(r.Addrs), r.Mode)
	}
	if r.Mode == Embedded && len(r.Addrs) > 0 && !loopback(r.Addrs[0]) && r.Password == "" {
		m.add("redis.password", "is empty, but the embedded Redis would listen on %s for everyone; write a password or use 127.0.0.1", r.Addrs[0])
	}
	m.atLeast("redis.db", r.DB, 0)
	m.atLeast("redis.wait_replicas", r.WaitReplicas, 0)
	r.checkTLS(m)
	switch {
	case r.Mode == Cluster && r.DB != 0:
		m.add("redis.db", "found %d; a cluster has database 0 only", r.DB)
	case r.Mode == Sentinel && r.MasterName == "":
		m.add("redis.master_name", "is empty; mode sentinel needs the name that the sentinels watch")
	case r.Mode != Sentinel && r.MasterName != "":
		m.add("redis.master_name", "is set, but mode is %s; use mode sentinel or empty it", r.Mode)
	}
}

// files are what TLS reads.
func (r *Redis) files() []*string { return []*string{&r.CAFile, &r.CertFile, &r.KeyFile} }

func (r Redis) checkTLS(m *mistakes) {
	if !r.TLS {
		for i, name := range []string{"ca_file", "cert_file", "key_file"} {
			if *r.files()[i] != "" {
				m.add(join("redis", name), "is set, but tls is false, so that all goes in the clear; set redis.tls: true, or empty it")
			}
		}
		return
	}
	if r.Mode == Embedded {
		m.add("redis.tls", "is true, but the embedded Redis speaks none; set it to false")
	}
	checkCA(m, "redis.ca_file", r.CAFile)
	switch {
	case r.CertFile == "" && r.KeyFile == "":
	case r.KeyFile == "":
		m.add("redis.key_file", "is empty, but cert_file is set; write both or none")
	case r.CertFile == "":
		m.add("redis.cert_file", "is empty, but key_file is set; write both or none")
	default:
		if _, err := tls.LoadX509KeyPair(r.CertFile, r.KeyFile); err != nil {
			m.add("redis.cert_file", "is no certificate of the key in key_file: %v; write two PEM files that belong together", err)
		}
	}
}
