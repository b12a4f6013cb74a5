// Package wechattest is a stand-in for WeChat's servers: tokens, the six send
// interfaces, permits, quotas, client_msg_id windows, and faults on demand. It
// serves unit tests (Start), chaos runs and benchmarks (cmd/wechatsim), and the
// demo.
//
// Its promise: it counts for itself. What it says was delivered is what a
// user's phone would have rung for, whatever the client believes, and whether
// or not the client ever heard the answer. It keeps WeChat's rules to the
// letter where they are known, so a client that passes here has made no
// mistake that WeChat would refuse.
//
// Where SetPushes says so it pushes each message's fate, as WeChat does. It
// leaves to others whether an openid exists (any well-formed one does, unless it
// is blocked). It has a library of template titles of its own, and the templates
// of the files in examples; unless SetTemplates says otherwise sends may use any
// other id as well.
package wechattest

import (
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"wxdispatch/internal/message"
)

// App is an account that the stand-in knows. Without a Type it may send every
// kind.
type App struct {
	AppID, Secret string
	Type          message.AccountType
}

// Options say how a stand-in starts, and what Reset returns to.
type Options struct {
	Apps          []App
	AnyApp        bool             // any other appid with any secret is good, too; such an app sends all kinds
	StrictPermits bool             // only granted form ids are good; else an unknown code is granted on first sight: 1 use, 3 when it looks like a prepay_id (wx…)
	Consents      bool             // start as after SetConsents(true)
	Withdrawn     []message.Kind   // start as after Withdraw of each
	Faults        []Fault          // start as after Inject of each
	TokenTTL      time.Duration    // 0: 7200 s
	Latency       time.Duration    // how long each send's answer is held back
	Seed          uint64           // of the dice for Fault.Share; 0: another one each time
	Now           func() time.Time // nil: time.Now. Delays of faults are always real time
	Logger        *slog.Logger     // nil: silent. Each call is a line at level debug
}

// defaultTokenTTL is what WeChat gives today.
const defaultTokenTTL = 7200 * time.Second

// Sim is the stand-in. It is an http.Handler that starts no goroutines, unless
// it pushes (SetPushes); Close ends those. All its methods may be used while it
// serves. Methods that take an appid panic when
// the stand-in does not know it, for that is a mistake in the test.
type Sim struct {
	opt    Options
	now    func() time.Time
	log    *slog.Logger
	routes map[string]http.HandlerFunc
	steer  http.Handler

	library []title // never changed

	mu       sync.RWMutex // guards accounts
	accounts map[string]*account
	stray    *account // calls that belong to no account

	grants sync.Map // access_token → *grant
	rules  atomic.Pointer[rules]
	faults faults
	pushes *pusher

	calls, rings tally
	repeats      atomic.Int64
	unanswered   atomic.Int64
	msgid        atomic.Int64
}

// New makes a stand-in.
func New(o Options) *Sim {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenTTL <= 0 {
		o.TokenTTL = defaultTokenTTL
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Sim{opt: o, now: o.Now, log: o.Logger, accounts: map[string]*account{}, library: readLibrary(), stray: newAccount(App{}), pushes: newPusher()}
	for _, app := range o.Apps {
		s.accounts[app.AppID] = newAccount(app)
	}
	s.msgid.Store(firstMsgID + rand.Int64N(firstMsgID))
	s.routes = s.table()
	s.steer = s.controls()
	s.start()
	return s
}

// start brings the rules and faults to what Options say.
func (s *Sim) start() {
	r := &rules{strictPermits: s.opt.StrictPermits, consents: s.opt.Consents, withdrawn: map[message.Kind]bool{}}
	for _, kind := range s.opt.Withdrawn {
		r.withdrawn[kind] = true
	}
	s.rules.Store(r)
	s.faults.reset(s.opt.Seed)
	s.pushes.reset(s.opt.Seed)
	for _, f := range s.opt.Faults {
		s.faults.add(f)
	}
}

// Close ends the pushes that are under way; no more are begun.
func (s *Sim) Close() { s.pushes.close() }

// Reset forgets all that happened and all that was set since New: deliveries,
// counts, permits, consents, blocks, quotas, faults. Tokens stay good, so that a
// client that is running is not disturbed.
func (s *Sim) Reset() {
	s.start()
	for _, acc := range s.everyone() {
		acc.reset()
	}
	s.calls.reset()
	s.rings.reset()
	s.repeats.Store(0)
	s.unanswered.Store(0)
}

func (s *Sim) table() map[string]http.HandlerFunc {
	routes := map[string]http.HandlerFunc{
		"/cgi-bin/token":             s.classicToken,
		"/cgi-bin/stable_token":      s.stableToken,
		"/cgi-bin/clear_quota":       s.clearQuota,
		"/cgi-bin/openapi/quota/get": s.tellQuota,
	}
	maps.Copy(routes, s.templateRoutes())
	for _, kind := range message.Kinds() {
		routes[kind.Path()] = func(w http.ResponseWriter, r *http.Request) { s.send(w, r, kind) }
	}
	return routes
}

// ServeHTTP answers as WeChat does; paths under /sim/ steer the stand-in. A
// fault that cuts the connection panics with http.ErrAbortHandler, as net/http
// wants it.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handle, ok := s.routes[r.URL.Path]; ok {
		handle(w, r)
		return
	}
	s.steer.ServeHTTP(w, r)
}
