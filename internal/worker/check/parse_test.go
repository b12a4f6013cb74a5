package check

import (
	"net/netip"
	"testing"
)

func TestVersions(t *testing.T) {
	tests := []struct {
		version      string
		newer, known bool
	}{
		{"6.2.0", true, true}, {"6.2", true, true}, {"7", true, true}, {"7.0.15", true, true}, {"10.0.1", true, true},
		{"6.0.20", false, true}, {"5.0.7", false, true}, {"6.1-rc", false, false},
		{"", false, false}, {"seven", false, false}, {"-7.1", false, false},
	}
	for _, test := range tests {
		if newer, known := atLeast(test.version, oldestVersion); newer != test.newer || known != test.known {
			t.Errorf("%q: newer %v, known %v; want %v, %v", test.version, newer, known, test.newer, test.known)
		}
	}
}

func TestAddresses(t *testing.T) {
	tests := map[string]string{
		"invalid ip 47.114.108.244 ipv6 ::ffff:47.114.108.244, not in whitelist": "47.114.108.244",
		"invalid ip ::ffff:47.114.108.244, not in whitelist":                     "47.114.108.244",
		"invalid ip 2408:4003::1, not in whitelist":                              "2408:4003::1",
		"not in whitelist": "",
		"":                 "",
	}
	for errmsg, want := range tests {
		if got := addressIn(errmsg); got != want {
			t.Errorf("%q: %q; want %q", errmsg, got, want)
		}
	}
}

func FuzzAddressIn(f *testing.F) {
	f.Add("invalid ip 47.114.108.244 ipv6 ::ffff:47.114.108.244, not in whitelist")
	f.Add("fe80::1%eth0 [::1].")
	f.Fuzz(func(t *testing.T, errmsg string) {
		if got := addressIn(errmsg); got != "" {
			if _, err := netip.ParseAddr(got); err != nil {
				t.Fatalf("%q: %q is no address", errmsg, got)
			}
		}
	})
}

func FuzzVersion(f *testing.F) {
	for _, seed := range []string{"7.0.15", "6.2", "255.255.255", "", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, version string) {
		if newer, known := atLeast(version, oldestVersion); newer && !known {
			t.Fatalf("%q: newer, but not known", version)
		}
	})
}
