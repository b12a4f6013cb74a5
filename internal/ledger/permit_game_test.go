package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// permitGame plays several messages that want few permits, at the ledger, in
// the model and at a WeChat that counts for itself.
//
// Time passes at miniredis by its clock. A real Redis's clock cannot be moved:
// there all that is in Redis is moved back instead (offset), and what the
// ledger is told of times with it.
type permitGame struct {
	client  redis.UniversalClient
	ledger  *ledger.Ledger
	clock   *miniredis.Miniredis
	account string
	policy  permit.Policy
	start   time.Time // whole seconds
	at      int64     // model's time, ms
	offset  time.Duration

	messages []*message.Message
	models   []*modelMessage
	purses   map[string]*purse
	wechat   *countingWeChat
	flights  map[string]*flight // message and run → the call that it made
	unclear  map[string]bool    // lives with an attempt that nobody knows of
	doubted  map[doubtedUse]int // uses that a doubt spent and WeChat did not count
	taken    map[string]bool    // users whose consents an app took back
	told     []string
	leave    message.Leave // the latest begin's
	broken   error         // a use that was spent without cause
}

type doubtedUse struct{ openid, code string }

// flight is a run's call, and the settlement that its run makes of it.
type flight struct {
	answer  message.Answer
	how     mischief
	leave   message.Leave
	settled *message.Settlement
}

var gameUsers = []string{"oA", "oB"}

// gamePapers is what WeChat handed out in a game, and when it ends there.
var gamePapers = []struct {
	user, code string
	ends       time.Duration // from the start; 0: it is issued at the start
}{
	{"oA", "f1", time.Hour}, {"oA", "f2", 2 * time.Hour}, {"oA", "wx1", 2 * time.Hour}, {"oA", "wx2", 0},
	{"oA", "f3", 3 * time.Hour}, {"oB", "f4", 2 * time.Hour}, {"oB", "wx3", 2 * time.Hour}, {"oB", "wx4", 0},
}

// gameMessages is who wants what.
var gameMessages = []struct {
	user, code string
	kind       message.Kind
	sendAt     time.Duration
	delivery   message.Delivery
}{
	{"oA", "", message.WXOpen, 0, ""}, {"oA", "", message.WXOpen, 0, ""}, {"oA", "wx1", message.WXOpen, 0, ""},
	{"oA", "f3", message.WXOpen, 0, ""}, {"oA", "", message.WXOpen, 90 * time.Minute, ""},
	{"oA", "", message.WXOpen, 0, message.AtLeastOnce}, {"oA", "wx1", message.WXOpen, 0, message.AtLeastOnce},
	{"oB", "", message.WXOpen, 0, ""}, {"oB", "wx4", message.WXOpen, 0, message.AtLeastOnce},
	{"oA", "", message.Subscribe, 0, ""}, {"oA", "", message.Subscribe, 0, ""}, {"oA", "", message.Subscribe, 0, message.AtLeastOnce},
}

func newPermitGame(client redis.UniversalClient, clock *miniredis.Miniredis, account string, enforce bool) *permitGame {
	g := &permitGame{client: client, clock: clock, account: account, policy: permit.Policy{Enforce: enforce},
		start: time.Now().Truncate(time.Second), purses: map[string]*purse{}, wechat: newCountingWeChat(),
		flights: map[string]*flight{}, unclear: map[string]bool{}, doubted: map[doubtedUse]int{}, taken: map[string]bool{}}
	g.ledger = ledger.New(client, ledger.Counting(func(_ string, held message.PermitType, operation string) {
		g.told = append(g.told, string(held)+" "+operation)
	}))
	g.at = g.start.UnixMilli()
	for _, user := range gameUsers {
		g.purses[user] = &purse{events: map[string]bool{}}
		g.wechat.consents[user] = &issued{}
	}
	for i := range gamePapers {
		grant := g.grant(i)
		uses := permit.Uses(grant.Type)
		g.wechat.papers[grant.Code] = &issued{uses: uses, granted: uses, at: grant.IssuedAt.UnixMilli()}
	}
	for i, spec := range gameMessages {
		m := &message.Message{ID: fmt.Sprint("m", i), Account: account, Kind: spec.kind, Digest: fmt.Sprint("d", i), Delivery: spec.delivery}
		if spec.kind == message.Subscribe {
			m.Body = &message.SubscribeBody{ToUser: spec.user, Template: "tpl"}
		} else {
			m.Body = &message.WXOpenBody{ToUser: spec.user, Template: "tpl", FormID: spec.code}
		}
		if spec.sendAt > 0 {
			m.SendAt = g.start.Add(spec.sendAt)
		}
		for j, paper := range gamePapers {
			if paper.code == spec.code {
				m.PermitIssuedAt = g.grant(j).IssuedAt
			}
		}
		g.messages, g.models = append(g.messages, m), append(g.models, &modelMessage{model: newModel(clock != nil), purse: g.purses[spec.user], spends: func(h *hold) { g.spends(i, h) }})
	}
	return g
}

// grant is a paper as an app collected it.
func (g *permitGame) grant(i int) permit.Grant {
	spec, issued := gamePapers[i], g.start
	if spec.ends > 0 {
		issued = permit.Issued(g.start.Add(spec.ends))
	}
	return permit.Grant{OpenID: spec.user, Type: message.PermitTypeOf(spec.code), Code: spec.code, IssuedAt: issued}
}

func (g *permitGame) key(rest string) string { return "wxd:{" + g.account + "}:" + rest }

func (g *permitGame) life(i int) string { return fmt.Sprint(g.messages[i].ID, "/", g.models[i].life) }

func (g *permitGame) now() int64 { return g.at }

// tick reads the clock after a step.
func (g *permitGame) tick(ctx context.Context) error {
	now, err := g.client.Time(ctx).Result()
	g.at = max(g.at, now.Add(g.offset).UnixMilli())
	return err
}

// pass lets time go by, in whole seconds.
func (g *permitGame) pass(ctx context.Context, d time.Duration) error {
	if g.clock != nil {
		g.clock.SetTime(time.UnixMilli(g.at).Add(d))
		return g.tick(ctx)
	}
	d = d.Truncate(time.Second)
	g.offset += d
	pipe := g.client.Pipeline()
	for _, user := range gameUsers {
		members, err := g.client.ZRange(ctx, g.key("f:"+user), 0, -1).Result()
		if err != nil {
			return err
		}
		for _, member := range members {
			pipe.ZIncrBy(ctx, g.key("f:"+user), -16*d.Seconds(), member)
		}
	}
	for _, m := range g.messages {
		if until, err := g.client.HGet(ctx, g.key("m:"+m.ID), "v").Int64(); err == nil {
			pipe.HSet(ctx, g.key("m:"+m.ID), "v", until-d.Milliseconds())
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	return g.tick(ctx)
}

// real is a message as the ledger is to see it now.
func (g *permitGame) real(i int) *message.Message {
	m := *g.messages[i]
	for _, at := range []*time.Time{&m.SendAt, &m.PermitIssuedAt} {
		if !at.IsZero() {
			*at = at.Add(-g.offset)
		}
	}
	return &m
}

// permitSight is what stands in Redis of a game.
type permitSight struct {
	records []map[string]string
	papers  map[string]map[string]float64 // by user, then code
	shares  map[string]map[string]string  // consents, by user
	indexes map[string][]string
}

var gameIndexes = map[string]message.State{"reserved": message.Queued, "sending": message.Sending, "waiting": message.Waiting, "doubts": message.InDoubt}

func (g *permitGame) look(ctx context.Context) (permitSight, error) {
	pipe, s := g.client.Pipeline(), permitSight{papers: map[string]map[string]float64{}, shares: map[string]map[string]string{}, indexes: map[string][]string{}}
	records := make([]*redis.MapStringStringCmd, len(g.messages))
	for i, m := range g.messages {
		records[i] = pipe.HGetAll(ctx, g.key("m:"+m.ID))
	}
	papers, shares, indexes := map[string]*redis.ZSliceCmd{}, map[string]*redis.MapStringStringCmd{}, map[string]*redis.StringSliceCmd{}
	for _, user := range gameUsers {
		papers[user], shares[user] = pipe.ZRangeWithScores(ctx, g.key("f:"+user), 0, -1), pipe.HGetAll(ctx, g.key("k:"+user))
	}
	for name := range gameIndexes {
		indexes[name] = pipe.ZRange(ctx, g.key(name), 0, -1)
	}
	pipe.Del(ctx, g.key("park")) // outages are for others
	if _, err := pipe.Exec(ctx); err != nil {
		return s, err
	}
	for _, record := range records {
		s.records = append(s.records, record.Val())
	}
	for _, user := range gameUsers {
		s.papers[user], s.shares[user] = map[string]float64{}, shares[user].Val()
		for _, z := range papers[user].Val() {
			s.papers[user][fmt.Sprint(z.Member)] = z.Score
		}
	}
	for name, ids := range indexes {
		s.indexes[name] = slices.Sorted(slices.Values(ids.Val()))
	}
	return s, nil
}

// compare holds what stands in Redis against the model.
func (g *permitGame) compare(s permitSight) error {
	for i, m := range g.models {
		if err := g.compareRecord(i, m, s.records[i]); err != nil {
			return err
		}
	}
	for name, state := range gameIndexes {
		var ids []string
		for i, m := range g.models {
			if m.state == state {
				ids = append(ids, g.messages[i].ID)
			}
		}
		if slices.Sort(ids); !slices.Equal(ids, s.indexes[name]) {
			return fmt.Errorf("%s: Redis has %v, the model %v", name, s.indexes[name], ids)
		}
	}
	for user, p := range g.purses {
		if got, want := g.seenPapers(s.papers[user]), g.modelPapers(p); !maps.Equal(got, want) {
			return fmt.Errorf("permits of %s: Redis has %v, the model %v", user, got, want)
		}
		if got, want := s.shares[user]["tpl"], p.text(); got != want {
			return fmt.Errorf("consents of %s: Redis has %q, the model %q", user, got, want)
		}
	}
	return nil
}

func (g *permitGame) compareRecord(i int, m *modelMessage, f map[string]string) error {
	code, how := "", ""
	if h := m.hold; h != nil {
		code, how = h.code, string(h.how)+map[message.PermitType]string{message.FormPermit: "f", message.PaymentPermit: "y", message.ConsentPermit: "c"}[h.kind]
		if h.how == 'c' {
			code = fmt.Sprint(h.generation)
		}
		if h.spent {
			how += "s"
		}
	}
	s := sight{fields: f}
	got := fmt.Sprint(f["s"], " ", g.reason(i, f["z"]), " n", s.number("n"), " life ", max(1, s.number("l")), " died ", s.number("o"), " open ", s.open(), " holds ", f["f"], " ", f["F"])
	want := fmt.Sprint(m.state, " ", g.reason(i, m.reason), " n", m.attempts, " life ", m.life, " died ", m.died, " open ", slices.Sorted(maps.Keys(m.open)), " holds ", code, " ", how)
	if got != want {
		return fmt.Errorf("record of m%d: Redis has\n  %s\nthe model\n  %s", i, got, want)
	}
	return nil
}

// reason is a reason as far as it must agree: a named permit that is over may
// be forgotten, and that it was void with it.
func (g *permitGame) reason(i int, reason string) string {
	m := g.messages[i]
	if code := m.Body.PermitCode(); code != "" && reason == permit.Void && permit.Ends(m.PermitIssuedAt).UnixMilli() <= g.at {
		return permit.Expired
	}
	return reason
}

// seenPapers are the permits in Redis that are not over.
func (g *permitGame) seenPapers(scores map[string]float64) map[string]string {
	seen := map[string]string{}
	for code, score := range scores {
		n := int64(score)
		zone, rest := n>>50, n&(1<<50-1)
		if ends := rest/16 + int64(g.offset.Seconds()); ends*1000 > g.at && !strings.HasPrefix(code, "consent ") {
			seen[code] = fmt.Sprint("zone ", zone, " ends ", ends, " type ", rest/4%4, " left ", rest%4)
		}
	}
	return seen
}

func (g *permitGame) modelPapers(p *purse) map[string]string {
	kept := map[string]string{}
	for _, paper := range p.papers {
		zone, kind := 0, 0
		if paper.Left == 0 {
			zone = 1
		}
		if paper.Dead {
			zone = 2
		}
		if paper.Type == message.PaymentPermit {
			kind = 1
		}
		if paper.Ends.UnixMilli() > g.at {
			kept[paper.Code] = fmt.Sprint("zone ", zone, " ends ", paper.Ends.Unix(), " type ", kind, " left ", paper.Left)
		}
	}
	return kept
}

func (p *purse) text() string {
	switch {
	case p.generation > 0:
		return fmt.Sprint(p.consents, " ", p.generation)
	case p.consents > 0:
		return fmt.Sprint(p.consents)
	}
	return ""
}
