package wechattest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// pushesAtOnce is how many pushes are under way at most.
const pushesAtOnce = 64

// PushMode is how a push is written.
type PushMode string

// The modes that WeChat's console offers.
const (
	PushPlain      PushMode = "plain"
	PushCompatible PushMode = "compatible" // plain fields and Encrypt in one body
	PushSafe       PushMode = "safe"       // Encrypt only
)

// Pushes say where an account's receipts go, and what they are like. Shares are
// from 0 to 1.
type Pushes struct {
	URL    string   // the account's push address
	Token  string   // signs
	AESKey string   // WeChat's EncodingAESKey, 43 characters; compatible and safe mode
	Mode   PushMode // "": plain
	JSON   bool     // else XML

	Statuses map[string]float64 // status → share of the messages that end so; the rest: success
	Early    float64            // share that comes before the send's own answer
	Late     float64            // share that comes after LateBy instead of Delay
	Double   float64            // share that comes a second time, though it was taken
	Delay    time.Duration      // from the send to its push
	LateBy   time.Duration
	// RepeatAfter is how long after an answer that is not success a push comes
	// again, three times in all; 0: 5 s, as WeChat does.
	RepeatAfter time.Duration
}

// Check tells what is wrong with the settings, in words.
func (p Pushes) Check() error {
	switch p.Mode {
	case "", PushPlain:
	case PushCompatible, PushSafe:
		if _, err := aesKey(p.AESKey); err != nil {
			return err
		}
	default:
		return fmt.Errorf("mode is %q; allowed are plain, compatible, safe", p.Mode)
	}
	sum := 0.0
	for _, share := range append(slices.Collect(maps.Values(p.Statuses)), p.Early, p.Late, p.Double) {
		if share < 0 || share > 1 {
			return fmt.Errorf("a share is %v; wanted is 0 to 1", share)
		}
	}
	for _, share := range p.Statuses {
		sum += share
	}
	if sum > 1.000001 {
		return fmt.Errorf("the shares of statuses add up to %v; wanted is 1 at most", sum)
	}
	if p.URL == "" || p.Token == "" {
		return errors.New("url or token is missing")
	}
	return nil
}

// PushCounts is what became of the pushes since New or Reset.
type PushCounts struct {
	Receipts int `json:"receipts"` // messages whose fate was pushed, or is to be
	Calls    int `json:"calls"`    // HTTP calls, repeats included
	Taken    int `json:"taken"`    // receipts that were answered success at least once
	Lost     int `json:"lost"`     // receipts that were not, in three calls
}

// pusher brings receipts to the accounts' push addresses.
type pusher struct {
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	free   chan struct{}
	under  sync.WaitGroup
	taken  tally

	mu     sync.Mutex
	dice   *rand.Rand
	to     map[string]Pushes   // by appid
	fates  map[[32]byte]string // content key → status
	counts PushCounts
}

func newPusher() *pusher {
	p := &pusher{client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: pushesAtOnce}},
		free: make(chan struct{}, pushesAtOnce), to: map[string]Pushes{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.reset(0)
	return p
}

func (p *pusher) reset(seed uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seed == 0 {
		seed = rand.Uint64()
	}
	p.dice = rand.New(rand.NewPCG(seed, 7))
	p.taken.reset()
	p.fates, p.counts = map[[32]byte]string{}, PushCounts{}
}

// close ends what is under way and returns when nothing of it runs.
func (p *pusher) close() {
	p.mu.Lock()
	p.stop() // from here on pushed begins none
	p.mu.Unlock()
	p.under.Wait()
	p.client.CloseIdleConnections()
}

// SetPushes makes the stand-in push the fate of each message that the account
// sends from now on; nil ends it. It panics where Check finds a mistake.
func (s *Sim) SetPushes(appid string, o *Pushes) {
	s.with(appid, func(*account) {})
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	if o == nil {
		delete(s.pushes.to, appid)
		return
	}
	if err := o.Check(); err != nil {
		panic("wechattest: " + err.Error())
	}
	s.pushes.to[appid] = *o
}

// Fates returns the status that was pushed, or is to be, for each message by
// its Key.
func (s *Sim) Fates() map[string]string {
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	out := make(map[string]string, len(s.pushes.fates))
	for key, status := range s.pushes.fates {
		out[hex.EncodeToString(key[:])] = status
	}
	return out
}

// PushCounts counts the pushes.
func (s *Sim) PushCounts() PushCounts {
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	return s.pushes.counts
}

// WaitPushes blocks until at least n receipts were taken since New or Reset; the
// error is ctx's, with what was seen by then.
func (s *Sim) WaitPushes(ctx context.Context, n int) error {
	return s.pushes.taken.wait(ctx, n, "pushes that were taken")
}
