package wechat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"wxdispatch/internal/fault"
)

// Mode is where an account's token comes from.
type Mode string

// The three modes.
const (
	Stable   Mode = "stable"   // /cgi-bin/stable_token: the same token for all who ask
	Classic  Mode = "classic"  // /cgi-bin/token: each fetch makes a new one
	External Mode = "external" // another token centre
)

// Grant is what a token is asked with. It never prints its secrets.
type Grant struct {
	Mode   Mode
	AppID  string // stable, classic
	Secret string // stable, classic
	// Force, of mode stable, makes WeChat give a new token and kills the old one
	// at once; 20 a day and 30 s apart are allowed.
	Force bool
	URL   string // external: GET answers {access_token, expires_in}
	Key   string // external: the bearer's key
	// Stale, of mode external, is a token that failed: URL/refresh is asked for
	// another one.
	Stale string
}

// Fingerprint tells one grant's credentials from another's: 8 hex digits, from
// which nobody gets a secret back.
func (g Grant) Fingerprint() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(g.Mode), g.AppID, g.Secret, g.URL, g.Key}, "\x00")))
	return hex.EncodeToString(sum[:4])
}

// ask makes the request of a grant; its error has class account, because only
// the account's configuration can be wrong.
func (c *Client) ask(g Grant) (ask, error) {
	if words := g.mistake(c.plain); words != "" {
		return ask{}, &fault.Error{Op: opToken, Class: fault.Account, Message: words}
	}
	switch g.Mode {
	case External:
		return g.external()
	case Classic:
		query := url.Values{"grant_type": {"client_credential"}, "appid": {g.AppID}, "secret": {g.Secret}}
		return ask{op: opToken, method: http.MethodGet,
			url: c.endpoint("/cgi-bin/token", query), secrets: []string{g.Secret}}, nil
	}
	body, err := json.Marshal(map[string]any{
		"grant_type": "client_credential", "appid": g.AppID, "secret": g.Secret, "force_refresh": g.Force,
	})
	return ask{op: opToken, method: http.MethodPost, url: c.endpoint("/cgi-bin/stable_token", nil),
		body: body, secrets: []string{g.Secret}}, err
}

func (g Grant) external() (ask, error) {
	u, err := parseAddress(g.URL)
	if err != nil {
		return ask{}, err
	}
	a := ask{op: opToken, method: http.MethodGet, url: u, bearer: g.Key, secrets: []string{g.Key, g.Stale}}
	if g.Stale == "" {
		return a, nil
	}
	a.method, a.url = http.MethodPost, u.JoinPath("refresh")
	a.body, err = json.Marshal(map[string]string{"stale": g.Stale})
	return a, err
}

// mistake says in words what a grant lacks, or "".
func (g Grant) mistake(plain bool) string {
	switch g.Mode {
	case Stable, Classic:
		if g.AppID == "" || g.Secret == "" {
			return "the account has no appid or no secret; set both"
		}
		return ""
	case External:
		if words := addressMistake(g.URL, plain); words != "" {
			return "token_source.url " + words
		}
		return ""
	}
	return "token mode " + string(g.Mode) + " is not known; stable, classic and external are"
}
