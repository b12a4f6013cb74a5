package wechat

import (
	"net/url"
	"strings"
)

// redact takes secrets out of words that came from outside (a proxy, a
// gateway, an error of the network), as they are and as a URL carries them.
func redact(words string, secrets ...string) string {
	for _, s := range secrets {
		if s == "" {
			continue
		}
		words = strings.ReplaceAll(words, s, "[secret]")
		words = strings.ReplaceAll(words, url.QueryEscape(s), "[secret]")
	}
	return words
}
