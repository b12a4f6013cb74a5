package push

import (
	"net/url"
	"time"
)

// Opened is a push that WeChat signed.
type Opened struct {
	Push
	// Bound tells that the signature covers the body. In plain mode it does not:
	// whoever saw one signature could send another body with it.
	Bound bool
}

// Open checks a push's signature and age, decrypts it where it is encrypted,
// and reads it. Every error carries a Refusal.
//
// In compatible mode the encrypted part is read where there is a key, because
// its signature covers it; without a key, the plain part.
func (a *Account) Open(query url.Values, body []byte, now time.Time) (Opened, error) {
	if len(body) > MaxBody {
		return Opened{}, big()
	}
	timestamp, nonce := query.Get("timestamp"), query.Get("nonce")
	safe := query.Get("encrypt_type") == "aes"
	// What costs nothing comes first: a stranger's body is not even parsed.
	plainly := a.signed(query.Get("signature"), timestamp, nonce)
	if !safe && !plainly {
		return Opened{}, forged()
	}
	if err := checkTime(timestamp, now); err != nil {
		return Opened{}, err
	}
	tree, err := parse(body)
	if err != nil {
		return Opened{}, err
	}
	if !safe || len(a.keys) == 0 {
		if !plainly {
			return Opened{}, forged()
		}
		return a.plain(tree)
	}
	encrypted := tree.text("Encrypt")
	if !a.signed(query.Get("msg_signature"), timestamp, nonce, encrypted) {
		return Opened{}, forged()
	}
	message, err := a.open(encrypted)
	if err != nil {
		return Opened{}, err
	}
	p, err := Decode(message)
	return Opened{Push: p, Bound: true}, err
}

// plain reads what is not encrypted.
func (a *Account) plain(tree *node) (Opened, error) {
	if tree.text("MsgType") == "" && tree.text("Encrypt") != "" {
		return Opened{}, Sealed.Refuse("it is encrypted, and this account has no callback.aes_key; copy it from WeChat's console")
	}
	p, err := read(tree)
	return Opened{Push: p}, err
}

// Read reads a push that somebody vouches for, such as an app that received it
// itself: as WeChat sent it, encrypted or not, or decrypted. Signature and age
// are not looked at. The error carries Damaged, Deep, Big or Sealed.
func (a *Account) Read(body []byte) (Push, error) {
	if len(body) > MaxBody {
		return Push{}, big()
	}
	tree, err := parse(body)
	if err != nil {
		return Push{}, err
	}
	encrypted := tree.text("Encrypt")
	if tree.text("MsgType") != "" || encrypted == "" {
		return read(tree)
	}
	message, err := a.open(encrypted)
	if err != nil {
		return Push{}, err
	}
	return Decode(message)
}

func big() error { return Big.Refuse("the body is over 64 KiB") }

func forged() error {
	return Forged.Refuse("the signature is not made with this account's callback.token; compare it with WeChat's console")
}

// Decode reads a push that is plain: decrypted, or received by an app itself.
// The error carries Damaged, Deep or Big.
func Decode(body []byte) (Push, error) {
	if len(body) > MaxBody {
		return Push{}, big()
	}
	tree, err := parse(body)
	if err != nil {
		return Push{}, err
	}
	return read(tree)
}
