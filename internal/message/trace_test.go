package message_test

import (
	"strings"
	"testing"

	"wxdispatch/internal/message"
)

func TestValidTrace(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for text, want := range map[string]bool{
		good:                                     true,
		"":                                       false,
		good + "0":                               false,
		good[:54]:                                false,
		strings.ToUpper(good):                    false,
		"01" + good[2:]:                          false,
		strings.Replace(good, "-00f", "_00f", 1): false,
		good[:54] + "\n":                         false,
	} {
		if got := message.ValidTrace(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
