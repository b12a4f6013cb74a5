package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
)

// Scope is one thing that a key may be allowed.
type Scope string

// The scopes of today's routes.
const (
	Open    Scope = ""        // no key is needed
	Send    Scope = "send"    // hand messages and permits over, stop messages
	Read    Scope = "read"    // look messages, permits and accounts up
	Push    Scope = "push"    // hand over pushes of WeChat's that the app received itself
	Token   Scope = "token"   // take accounts' access_tokens
	Admin   Scope = "admin"   // park accounts, change their pace, end doubts, send bad ends again, stop batches
	Metrics Scope = "metrics" // read /metrics
)

// Key is one caller's right. Its text is not kept, only a hash.
type Key struct {
	name     string
	hash     [sha256.Size]byte
	scopes   []Scope
	accounts []string
}

// NewKey makes a key. The name is for logs; no accounts: all of them.
func NewKey(name, text string, scopes []Scope, accounts []string) Key {
	return Key{name: name, hash: sha256.Sum256([]byte(text)), scopes: scopes, accounts: accounts}
}

func (k *Key) may(s Scope) bool { return slices.Contains(k.scopes, s) }

func (k *Key) sees(account string) bool {
	return len(k.accounts) == 0 || slices.Contains(k.accounts, account)
}

// keyring is all keys.
type keyring []Key

// find returns the key of that text, or nil. The time it takes does not depend
// on the text, nor on which key it is.
func (ring keyring) find(text string) *Key {
	hash, found := sha256.Sum256([]byte(text)), -1
	for i := range ring {
		same := subtle.ConstantTimeCompare(hash[:], ring[i].hash[:])
		found = subtle.ConstantTimeSelect(same, i, found)
	}
	if found < 0 {
		return nil
	}
	return &ring[found]
}
