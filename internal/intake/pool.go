package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
)

// Stock keeps the permits that users' phones handed out.
type Stock interface {
	// AddPermits takes permits in, in the order given; one trip for all. What is
	// known already stands as it did. Class Unavailable: some may have been
	// added; add them again.
	AddPermits(ctx context.Context, account string, grants []permit.Grant) ([]ledger.Granted, error)
	// RemovePermit takes one back and answers false when there was none, and
	// what was left of it, or is left of the template's consents.
	RemovePermit(ctx context.Context, account string, g permit.Grant) (removed bool, left int, err error)
	// Permits returns what is left to a user.
	Permits(ctx context.Context, account, openid string) ([]permit.Standing, error)
}

// Pool takes in the permits that apps collect, and tells what is left of them.
// It is safe for concurrent use when its parts are.
type Pool struct {
	Accounts Accounts
	Stock    Stock
	Now      func() time.Time // the clock
	NewID    func() string    // names a consent's event that has no name: ULID
}

// Granted is what became of a permit on its way into the pool.
type Granted struct {
	OpenID    string
	Type      message.PermitType // as given, or as the code's look tells
	Code      string             // without the prefix prepay_id=
	Template  string             // of a consent
	Left      int                // uses that are neither spent nor held; of a consent: of its template
	ExpiresAt time.Time          // zero: it has no end, is known already, or was refused
	Known     bool               // it was taken in before, and stands as it did
}

// GrantResult is what became of one permit of many.
type GrantResult struct {
	Granted
	Err error // why it was not taken in, class Invalid; nil: it was
}

// trip is how many permits go to Redis at once: enough to hide the way, few
// enough that nobody else waits long behind them.
const trip = 1000

const addOp = "intake.permit"

// Add takes one permit in. The same code again changes nothing, and a used one
// stays used; so it is with a consent whose event has a name (its code). A
// consent without one counts each time that it is added.
//
// Errors: class Invalid, whose Fields tell every mistake; NotFound: no such
// account; Unavailable: Redis is away, it may or may not have been taken in.
func (p Pool) Add(ctx context.Context, account string, g permit.Grant) (Granted, error) {
	results, err := p.AddMany(ctx, account, []permit.Grant{g})
	if err != nil {
		return Granted{OpenID: g.OpenID, Type: g.Type, Code: g.Code, Template: g.Template}, err
	}
	return results[0].Granted, results[0].Err
}

// AddMany takes permits in, in the order given, as Add does each. What is wrong
// with one is told in its result and keeps none of the others out. With class
// Unavailable the results tell how far it came; of the thousand that follow
// some may have been taken in. Class NotFound: no such account.
func (p Pool) AddMany(ctx context.Context, account string, grants []permit.Grant) ([]GrantResult, error) {
	owner, err := p.Accounts.Find(ctx, account)
	if err != nil {
		return nil, err
	}
	results := make([]GrantResult, 0, len(grants))
	for start := 0; start < len(grants); start += trip {
		some, err := p.addTrip(ctx, owner, grants[start:min(start+trip, len(grants))])
		if err != nil {
			return results, err
		}
		results = append(results, some...)
	}
	return results, nil
}

func (p Pool) addTrip(ctx context.Context, owner registry.Account, grants []permit.Grant) ([]GrantResult, error) {
	results, now := make([]GrantResult, len(grants)), p.Now()
	good, places := make([]permit.Grant, 0, len(grants)), make([]int, 0, len(grants))
	for i, g := range grants {
		g, err := checked(g, owner, now)
		results[i] = GrantResult{Granted: grantedOf(g), Err: err}
		if err != nil {
			results[i].ExpiresAt = time.Time{} // what was not taken in has no end
			continue
		}
		good, places = append(good, p.named(g)), append(places, i)
	}
	if len(good) == 0 {
		return results, nil
	}
	answers, err := p.Stock.AddPermits(ctx, owner.Name, good)
	if err != nil {
		return nil, err
	}
	for n, answer := range answers {
		result := &results[places[n]].Granted
		result.Left, result.Known = answer.Left, !answer.Added
		if result.Known {
			result.ExpiresAt = time.Time{} // the time that it came with before counts
		}
	}
	return results, nil
}

// named gives a consent's event a name, so that a trip which go-redis repeats
// after a lost answer does not count it twice.
func (p Pool) named(g permit.Grant) permit.Grant {
	if g.Type == message.ConsentPermit && g.Code == "" {
		g.Code = p.NewID()
	}
	return g
}

func grantedOf(g permit.Grant) Granted {
	granted := Granted{OpenID: g.OpenID, Type: g.Type, Code: g.Code, Template: g.Template}
	if g.Type != message.ConsentPermit && !g.IssuedAt.IsZero() {
		granted.ExpiresAt = permit.Ends(g.IssuedAt)
	}
	return granted
}

// List returns what is left to a user: forms and payments in the order in which
// they are taken, then consents; what is spent, held or over is not there. Class
// NotFound: no such account; Invalid: that is no openid; Unavailable.
func (p Pool) List(ctx context.Context, account, openid string) ([]permit.Standing, error) {
	if _, err := p.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	if words := message.TokenComplaint(openid); words != "" {
		return nil, fault.InvalidFields("intake.permits", []fault.Field{{Path: "openid", Message: words}})
	}
	return p.Stock.Permits(ctx, account, openid)
}
