// Package registry is where workers announce their accounts and producers look
// them up: name, type and appid, in one hash of Redis.
//
// Its promise: a producer needs neither an account's secret nor its section of
// the configuration, and a bulk send costs no trip a message, since what was
// read is good for Fresh. Announcements never end by themselves: an account
// whose workers are away still takes messages.
package registry

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/permit"
)

// Fresh is how long a look at the announcements is good: so late may a
// producer see a new account.
const Fresh = 5 * time.Second

// Account is what a producer must know of an account.
type Account struct {
	Name  string              `json:"-"`
	Type  message.AccountType `json:"type"`
	AppID string              `json:"appid"`
	// Enforce and LongTerm say what subscription messages need (accounts.NAME's
	// consents and long_term_templates).
	Enforce  bool     `json:"enforce_consents,omitempty"`
	LongTerm []string `json:"long_term_templates,omitempty"`
	// TemplateCheck is what a message meets that does not fit its template:
	// strict, warn or off; empty is warn (accounts.NAME.template_check).
	TemplateCheck string `json:"template_check,omitempty"`
	// Rate and Quotas are what the configuration says, for whoever looks.
	Rate   float64              `json:"rate,omitempty"`
	Quotas map[message.Kind]int `json:"quotas,omitempty"`
}

// Policy is what the account says of subscription consents.
func (a Account) Policy() permit.Policy {
	return permit.Policy{Enforce: a.Enforce, LongTerm: a.LongTerm}
}

// Registry finds accounts. It is safe for concurrent use; the connection
// belongs to the caller.
type Registry struct {
	// Now is the clock that Fresh is measured with; set it before first use.
	Now func() time.Time

	redis redis.UniversalClient
	known map[string]Account

	mu    sync.Mutex
	seen  map[string]Account // never changed, only replaced
	until time.Time          // when seen is no longer fresh
}

// New returns the registry in the given Redis. The known accounts, from the
// caller's own configuration, stand in for those that no worker announced.
func New(client redis.UniversalClient, known ...Account) *Registry {
	r := &Registry{Now: time.Now, redis: client, known: map[string]Account{}}
	for _, a := range known {
		r.known[a.Name] = a
	}
	return r
}

// Publish announces accounts in one trip; what was announced under their names
// before is replaced. Class Unavailable when Redis does not answer.
func (r *Registry) Publish(ctx context.Context, accounts []Account) error {
	if len(accounts) == 0 {
		return nil
	}
	values := make(map[string]any, len(accounts))
	for _, a := range accounts {
		text, err := json.Marshal(a)
		if err != nil {
			return &fault.Error{Op: "registry.publish", Class: fault.Caller, Message: "account " + a.Name, Err: err}
		}
		values[a.Name] = string(text)
	}
	if err := r.redis.HSet(ctx, keys.Accounts, values).Err(); err != nil {
		return unavailable("registry.publish", err)
	}
	r.forget()
	return nil
}

// Find returns one account. Errors: class NotFound, which names the accounts
// that are known; class Unavailable when Redis does not answer.
func (r *Registry) Find(ctx context.Context, name string) (Account, error) {
	all, err := r.all(ctx)
	if err != nil {
		return Account{}, err
	}
	if a, ok := all[name]; ok {
		return a, nil
	}
	return Account{}, &fault.Error{Op: "registry.find", Class: fault.NotFound, Message: unknown(name, sorted(all))}
}

// List returns all accounts, announced and known, by name; class Unavailable
// when Redis does not answer.
func (r *Registry) List(ctx context.Context) ([]Account, error) {
	all, err := r.all(ctx)
	return sorted(all), err
}

// all returns every account by name; the map must not be changed. Two callers
// may look at once; both see the same.
func (r *Registry) all(ctx context.Context) (map[string]Account, error) {
	if seen := r.fresh(); seen != nil {
		return seen, nil
	}
	announced, err := r.redis.HGetAll(ctx, keys.Accounts).Result()
	if err != nil {
		return nil, unavailable("registry.find", err)
	}
	all := maps.Clone(r.known)
	for name, text := range announced {
		a := Account{Name: name}
		// A newer worker may have written what this program cannot read; then
		// its own configuration still counts.
		if json.Unmarshal([]byte(text), &a) == nil && a.Type.Valid() {
			all[name] = a
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen, r.until = all, r.Now().Add(Fresh)
	return all, nil
}

func (r *Registry) fresh() map[string]Account {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen != nil && r.Now().Before(r.until) {
		return r.seen
	}
	return nil
}

func (r *Registry) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = nil
}

func sorted(all map[string]Account) []Account {
	var list []Account
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

func unknown(name string, known []Account) string {
	if len(known) == 0 {
		return "no account " + name + " is known, nor any other; start a worker once, which announces its accounts, or name the account in the configuration"
	}
	var names []string
	for _, a := range known {
		names = append(names, a.Name+" ("+string(a.Type)+")")
	}
	return "no account " + name + " is known; known are " + strings.Join(names, ", ")
}

func unavailable(op string, err error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}
