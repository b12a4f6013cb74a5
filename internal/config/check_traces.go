package config

import "net/url"

func (t Traces) check(m *mistakes) {
	m.url("traces.endpoint", t.Endpoint, "http", "https")
	u, err := url.Parse(t.Endpoint)
	if err == nil && (u.RawQuery != "" || u.Fragment != "") {
		m.add("traces.endpoint", "has a query or fragment; write scheme, host and path only, and a key under traces.authorization")
	}
	if err == nil && u.Port() == "4317" {
		m.add("traces.endpoint", "found port 4317, where collectors speak gRPC; write that of OTLP over HTTP, mostly 4318")
	}
	switch {
	case t.Authorization == "":
	case t.Endpoint == "":
		m.add("traces.authorization", "is set, but traces.endpoint is empty; write both or take it out")
	case err == nil && u.Scheme == "http" && !loopbackHost(u.Hostname()):
		m.add("traces.authorization", "would go over plain http beyond this machine; use https or take it out")
	}
	if !(t.Sample >= 0 && t.Sample <= 1) {
		m.add("traces.sample", "found %g; write 0 to 1: 1 keeps every trace, 0.01 one in a hundred", t.Sample)
	}
}
