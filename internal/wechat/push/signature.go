package push

import (
	"crypto/sha1" // WeChat's choice
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// freshness is how far a push's timestamp may be from now, either way: WeChat
// repeats within seconds, and machines' clocks differ.
const freshness = 10 * time.Minute

// Sign is WeChat's signature: hex sha1 of the parts, sorted and joined.
func Sign(parts ...string) string {
	sorted := slices.Sorted(slices.Values(parts))
	sum := sha1.Sum([]byte(strings.Join(sorted, "")))
	return hex.EncodeToString(sum[:])
}

// CheckURL answers WeChat's check of the address: echostr, when one of the
// tokens signed it. An old timestamp is no harm here: nothing is changed. The
// error is Forged.
func (a *Account) CheckURL(query url.Values) (echostr string, err error) {
	if !a.signed(query.Get("signature"), query.Get("timestamp"), query.Get("nonce")) {
		return "", Forged.Refuse("the signature is not made with this account's callback.token; compare it with WeChat's console")
	}
	return query.Get("echostr"), nil
}

// signed tells whether one of the tokens made the signature over the parts. All
// are compared, each in constant time.
func (a *Account) signed(signature string, parts ...string) bool {
	good := 0
	for _, token := range a.tokens {
		want := Sign(append(slices.Clone(parts), token)...)
		good |= subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(signature)))
	}
	return good == 1
}

// checkTime refuses a timestamp that is not of these minutes.
func checkTime(text string, now time.Time) error {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Stale.Refuse("the timestamp is no number of seconds")
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > freshness || age < -freshness {
		return Stale.Refuse("the timestamp is more than 10 minutes from this machine's clock")
	}
	return nil
}
