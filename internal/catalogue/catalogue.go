// Package catalogue keeps the templates of accounts in Redis as WeChat last
// listed them, for those who have no secret to ask with.
//
// Its promise: a look costs nothing within Fresh of the last one, and one small
// trip while nothing changed; nobody who takes messages waits for WeChat: whoever
// misses a template leaves a mark, and a process that has the secret (a Keeper)
// lists anew, once a day by itself and for marks at most every Rest. What a
// message must keep to is internal/template's business; which templates are
// parked is written by the ledger and only told here.
package catalogue

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/template"
)

const (
	// Rest is how long WeChat is left alone after a listing, whoever misses what.
	Rest = 5 * time.Minute
	// Daily is how old lists get before they are read anew by themselves.
	Daily = 24 * time.Hour
	// lateRest is how long after a listing that failed an old list is tried again.
	lateRest = time.Hour
)

// List is one of an account's lists.
type List struct {
	Read    time.Time // when it was last read well; zero: never
	Trouble string    // why the last reading failed, or ""
}

// Set is what is known of an account's templates at one moment. It is never
// changed.
type Set struct {
	Now   time.Time // on Redis's clock
	Tried time.Time // the last listing, good or bad; zero: none yet
	Asked time.Time // when somebody last missed a template
	Lists map[template.Sort]List
	Parks map[string]template.Park

	version   string
	templates map[string]template.Template // by sort and id
}

// Find returns the template of an id in a list.
func (s *Set) Find(sort template.Sort, id string) (template.Template, bool) {
	t, ok := s.templates[field(sort, id)]
	return t, ok
}

// Any returns the template of an id in whichever list.
func (s *Set) Any(id string) (template.Template, bool) {
	for _, sort := range []template.Sort{template.OfSends, template.OfForms, template.OfConsents} {
		if t, ok := s.Find(sort, id); ok {
			return t, true
		}
	}
	return template.Template{}, false
}

// Resting tells whether WeChat is left alone yet, so that no mark leads to a
// listing now.
func (s *Set) Resting() bool { return !s.Tried.IsZero() && s.Now.Sub(s.Tried) < Rest }

// Due tells whether the lists are to be read: for a mark after Rest, for age
// once a day. Accounts whose templates nobody asked for are left alone.
func (s *Set) Due() bool {
	if s.Asked.After(s.Tried) && !s.Resting() {
		return true
	}
	for _, list := range s.Lists {
		if !list.Read.IsZero() && s.Now.Sub(list.Read) >= Daily && s.Now.Sub(s.Tried) >= lateRest {
			return true
		}
	}
	return false
}

// Fetched is what a listing brought of one list.
type Fetched struct {
	Sort      template.Sort
	Templates []template.Template
	Err       error // then Templates says nothing, and what was known stays
}

// Catalogue is that of all accounts of one Redis. It is safe for concurrent use;
// the connection belongs to the caller.
type Catalogue struct{ redis redis.UniversalClient }

// New returns the catalogue in the given Redis.
func New(client redis.UniversalClient) *Catalogue { return &Catalogue{client} }

// row is a template as it stands in Redis.
type row struct {
	Title   string `json:"t"`
	Content string `json:"c"`
	Example string `json:"e,omitempty"`
	Type    int    `json:"y,omitempty"`
}

func field(sort template.Sort, id string) string { return string(sort) + " " + id }

// Read returns what is known of an account; the templates of known are taken
// where they have not changed, so that this costs one small trip. Class
// Unavailable: Redis did not answer.
func (c *Catalogue) Read(ctx context.Context, account string, known *Set) (*Set, error) {
	pipe := c.redis.Pipeline()
	now, state, parks := pipe.Time(ctx), pipe.HGetAll(ctx, keys.TemplateLists(account)), pipe.HGetAll(ctx, keys.TemplateParks(account))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("catalogue.read", err)
	}
	s := readState(now.Val(), state.Val())
	s.Parks = readParks(parks.Val())
	if known != nil && known.version == s.version {
		s.templates = known.templates
		return s, nil
	}
	rows, err := c.redis.HGetAll(ctx, keys.Templates(account)).Result()
	if err != nil {
		return nil, unavailable("catalogue.read", err)
	}
	s.templates = readRows(rows)
	return s, nil
}

func readState(now time.Time, fields map[string]string) *Set {
	s := &Set{Now: now, Lists: map[template.Sort]List{}, version: fields["v"], Tried: moment(fields["tried"]), Asked: moment(fields["asked"])}
	for name, value := range fields {
		what, sort, ok := strings.Cut(name, ":")
		if !ok {
			continue
		}
		list := s.Lists[template.Sort(sort)]
		switch what {
		case "read":
			list.Read = moment(value)
		case "trouble":
			list.Trouble = value
		}
		s.Lists[template.Sort(sort)] = list
	}
	return s
}

func readParks(fields map[string]string) map[string]template.Park {
	parks := map[string]template.Park{}
	for id, text := range fields {
		if p, ok := template.ReadPark(id, text); ok {
			parks[id] = p
		}
	}
	return parks
}

// readRows leaves out what a newer program may have written otherwise.
func readRows(rows map[string]string) map[string]template.Template {
	all := make(map[string]template.Template, len(rows))
	for name, text := range rows {
		sort, id, ok := strings.Cut(name, " ")
		var r row
		if ok && json.Unmarshal([]byte(text), &r) == nil {
			all[name] = template.Template{ID: id, Sort: template.Sort(sort), Title: r.Title, Content: r.Content, Example: r.Example, Type: r.Type}
		}
	}
	return all
}

// Ask leaves the mark that a template was missed.
func (c *Catalogue) Ask(ctx context.Context, account string) error {
	now, err := c.redis.Time(ctx).Result()
	if err == nil {
		err = c.redis.HSet(ctx, keys.TemplateLists(account), "asked", millis(now)).Err()
	}
	if err != nil {
		return unavailable("catalogue.ask", err)
	}
	return nil
}

// Store writes down what a listing brought: lists that could be read replace
// what was known, of the others the trouble is noted. All of it or nothing.
func (c *Catalogue) Store(ctx context.Context, account string, lists []Fetched) error {
	known, err := c.Read(ctx, account, nil)
	if err != nil {
		return err
	}
	state := []any{"tried", millis(known.Now)}
	var rows []any
	var gone []string
	for _, list := range lists {
		if list.Err != nil {
			state = append(state, "trouble:"+string(list.Sort), trouble(list.Err))
			continue
		}
		state = append(state, "trouble:"+string(list.Sort), "", "read:"+string(list.Sort), millis(known.Now))
		there := map[string]bool{}
		for _, t := range list.Templates {
			text, err := json.Marshal(row{t.Title, t.Content, t.Example, t.Type})
			if err != nil {
				return &fault.Error{Op: "catalogue.store", Class: fault.Caller, Message: "template " + t.ID, Err: err}
			}
			rows = append(rows, field(list.Sort, t.ID), string(text))
			there[field(list.Sort, t.ID)] = true
		}
		for name := range known.templates {
			if strings.HasPrefix(name, string(list.Sort)+" ") && !there[name] {
				gone = append(gone, name)
			}
		}
	}
	_, err = c.redis.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		if len(gone) > 0 {
			pipe.HDel(ctx, keys.Templates(account), gone...)
		}
		if len(rows) > 0 {
			pipe.HSet(ctx, keys.Templates(account), rows...)
		}
		pipe.HSet(ctx, keys.TemplateLists(account), state...)
		pipe.HIncrBy(ctx, keys.TemplateLists(account), "v", 1)
		return nil
	})
	if err != nil {
		return unavailable("catalogue.store", err)
	}
	return nil
}

// trouble is an error in few words.
func trouble(err error) string {
	const most = 200
	if text := err.Error(); len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(err.Error()[:most], "") + "…"
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func moment(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func unavailable(op string, err error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}

// All returns the templates by list and id.
func (s *Set) All() []template.Template {
	all := make([]template.Template, 0, len(s.templates))
	for _, name := range slices.Sorted(maps.Keys(s.templates)) {
		all = append(all, s.templates[name])
	}
	return all
}
