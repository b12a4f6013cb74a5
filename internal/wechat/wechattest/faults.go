package wechattest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wxdispatch/internal/message"
)

// Mode is how a fault shows.
type Mode string

// The modes. Unless Fault.Counted, the message of a call that is hit is not
// delivered; late and slow without a Code bring the true answer.
const (
	ModeCode     Mode = "code"      // answer Code; the default. Code 0: says ok, and delivers nothing
	ModeCut      Mode = "cut"       // close the connection after the request was read
	ModeCutEarly Mode = "cut_early" // reset it before the body is read (after, when the fault names an openid)
	ModeLate     Mode = "late"      // answer after Delay
	ModeSilent   Mode = "silent"    // never answer; ends when the client goes away
	ModeGarbage  Mode = "garbage"   // 200 with a body that is no JSON
	ModeHTTP     Mode = "http"      // Status without JSON
	ModeSlow     Mode = "slow"      // the answer's body dribbles over Delay
)

// Tokens as a Fault's Kind means the two token endpoints. The other fields of a
// Fault hold for them as well, openids aside.
const Tokens message.Kind = "token"

// Fault goes wrong for calls that match all of AppID, Kind and OpenID; empty
// ones match all (an empty Kind: all sends, not the token endpoints). The first
// fault injected that matches and is not used up hits; those that hit before the
// body is read go before all others.
type Fault struct {
	AppID     string        `json:"appid,omitempty"`
	Kind      message.Kind  `json:"kind,omitempty"`
	OpenID    string        `json:"openid,omitempty"`
	Share     float64       `json:"share,omitempty"`      // 0 to 1 of the matching calls; 0: all
	Times     int           `json:"times,omitempty"`      // at most so often; 0: for ever
	PerOpenID int           `json:"per_openid,omitempty"` // at most so often for one openid; 0: for ever
	Mode      Mode          `json:"mode,omitempty"`       // empty: ModeCode
	Code      int           `json:"code,omitempty"`       // errcode to answer
	Message   string        `json:"message,omitempty"`    // errmsg to answer; empty: what WeChat says
	Status    int           `json:"status,omitempty"`     // ModeHTTP; 0: 502
	Delay     time.Duration `json:"-"`                    // ModeLate, ModeSlow; "delay" in JSON, as text like 250ms
	Counted   bool          `json:"counted,omitempty"`    // the message is delivered nevertheless, where the rules let it
}

// Check returns what is wrong with f, in words, or nil.
func (f Fault) Check() error {
	modes := []Mode{"", ModeCode, ModeCut, ModeCutEarly, ModeLate, ModeSilent, ModeGarbage, ModeHTTP, ModeSlow}
	switch {
	case f.Kind != "" && f.Kind != Tokens && !f.Kind.Valid():
		return fmt.Errorf("kind is %q; allowed are %v, %q, and none for all sends", f.Kind, message.Kinds(), Tokens)
	case !slices.Contains(modes, f.Mode):
		return fmt.Errorf("mode is %q; allowed are %q", f.Mode, modes[1:])
	case f.Share < 0 || f.Share > 1:
		return fmt.Errorf("share is %v; allowed is 0 (all) to 1", f.Share)
	case f.Times < 0 || f.PerOpenID < 0:
		return fmt.Errorf("times is %d and per_openid %d; neither may be below 0", f.Times, f.PerOpenID)
	case f.Delay < 0:
		return fmt.Errorf("delay is %s; it may not be below 0", f.Delay)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status is %d; allowed are 200 to 599, and 0 for 502", f.Status)
	}
	return nil
}

// early tells whether f hits before the body is read.
func (f *Fault) early() bool {
	return f.Mode == ModeCutEarly && f.OpenID == "" && f.PerOpenID == 0
}

// plays tells whether the call is dealt with as if nothing were wrong, and only
// the answer suffers.
func (f *Fault) plays() bool { return f.Counted || f.truthful() }

func (f *Fault) truthful() bool {
	return (f.Mode == ModeLate || f.Mode == ModeSlow) && f.Code == 0
}

func (f *Fault) status() int {
	if f.Status == 0 {
		return http.StatusBadGateway
	}
	return f.Status
}

// armed is an injected fault and how often it hit.
type armed struct {
	Fault
	id    int
	hits  int
	users map[string]int // hits by openid, kept when PerOpenID is set
}

func (a *armed) usedUp(openid string) bool {
	return a.Times > 0 && a.hits >= a.Times || a.PerOpenID > 0 && a.users[openid] >= a.PerOpenID
}

func (a *armed) matches(appid string, kind message.Kind, openid string) bool {
	if a.Kind != kind && (a.Kind != "" || kind == Tokens) {
		return false
	}
	return (a.AppID == "" || a.AppID == appid) && (a.OpenID == "" || a.OpenID == openid)
}

// faults are the injected faults in order.
type faults struct {
	any  atomic.Bool // so that calls without faults take no lock
	mu   sync.Mutex
	list []*armed
	last int
	dice *rand.Rand
}

func (fs *faults) reset(seed uint64) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if seed == 0 {
		seed = rand.Uint64()
	}
	fs.dice = rand.New(rand.NewPCG(seed, seed))
	fs.list = nil
	fs.any.Store(false)
}

func (fs *faults) add(f Fault) int {
	if err := f.Check(); err != nil {
		panic("wechattest: bad Fault: " + err.Error())
	}
	if f.Mode == "" {
		f.Mode = ModeCode
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.last++
	fs.list = append(fs.list, &armed{Fault: f, id: fs.last, users: map[string]int{}})
	fs.any.Store(true)
	return fs.last
}

// hit returns the fault that hits a call, or nil, and counts it. early asks for
// those that hit before the body is read.
func (fs *faults) hit(appid string, kind message.Kind, openid string, early bool) *Fault {
	if !fs.any.Load() {
		return nil
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, a := range fs.list {
		if a.early() != early || !a.matches(appid, kind, openid) || a.usedUp(openid) {
			continue
		}
		if a.Share > 0 && fs.dice.Float64() >= a.Share {
			continue
		}
		a.hits++
		if a.PerOpenID > 0 {
			a.users[openid]++
		}
		f := a.Fault
		return &f
	}
	return nil
}

// Inject makes f go wrong from now on; id names it for RemoveFault. It panics
// when f.Check finds a mistake.
func (s *Sim) Inject(f Fault) (id int) { return s.faults.add(f) }

// RemoveFault ends one fault and tells whether there was one.
func (s *Sim) RemoveFault(id int) bool {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	before := len(s.faults.list)
	s.faults.list = slices.DeleteFunc(s.faults.list, func(a *armed) bool { return a.id == id })
	return len(s.faults.list) < before
}

// ClearFaults ends all faults.
func (s *Sim) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
	s.faults.any.Store(false)
}

// FaultHits returns how often a fault has hit, or 0 when there is none by that
// id.
func (s *Sim) FaultHits(id int) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, a := range s.faults.list {
		if a.id == id {
			return a.hits
		}
	}
	return 0
}
