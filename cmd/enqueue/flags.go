package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"wxdispatch/internal/message"
)

// messageFlags are the flags that make one message.
type messageFlags struct {
	set  *pflag.FlagSet
	text map[string]*string // by flag
	data []string           // name=value
	// force skips suppression.
	force bool
}

// textFlag is a flag whose text goes into the message as it is.
type textFlag struct {
	name, help string
	field      string         // in the envelope, or in the body when kinds are named
	kinds      []message.Kind // whose bodies have the field; none: it is not the body's
}

var everyKind = message.Kinds()

// textFlags is where each flag's text belongs.
var textFlags = []textFlag{
	{"account", "the account's `NAME`", "account", nil},
	{"kind", "the `KIND`: template, bizsend, onetime, wxopen or subscribe", "kind", nil},
	{"id", "1 to 64 of A-Za-z0-9_.:-; the same `ID` again sends nothing (made when absent)", "id", nil},
	{"at", "not before this `TIME`, as 2026-11-22T20:00:00+08:00", "send_at", nil},
	{"expires", "not after this `TIME`", "expires_at", nil},
	{"delivery", "the `PROMISE` when an outcome is unknown: at_most_once or at_least_once", "delivery", nil},
	{"batch", "the `NAME` of the batch it belongs to", "batch", nil},
	{"to", "the user's `OPENID`", "touser", everyKind},
	{"template", "the template's `ID`", "template_id", everyKind},
	{"url", "the `URL` that a tap opens (template, onetime)", "url", []message.Kind{message.Template, message.Onetime}},
	{"page", "the `PAGE` that a tap opens (bizsend, wxopen, subscribe)", "page", []message.Kind{message.Bizsend, message.WXOpen, message.Subscribe}},
	{"form-id", "a form's `ID` or a prepay_id (wxopen)", "form_id", []message.Kind{message.WXOpen}},
	{"scene", "the `SCENE` of the subscription, 0 to 10000 (onetime)", "scene", []message.Kind{message.Onetime}},
	{"title", "the message's `TITLE` (onetime)", "title", []message.Kind{message.Onetime}},
}

func addMessageFlags(set *pflag.FlagSet) *messageFlags {
	f := &messageFlags{set: set, text: map[string]*string{}}
	for _, t := range textFlags {
		f.text[t.name] = set.String(t.name, "", t.help)
	}
	set.StringArrayVar(&f.data, "data", nil, "a placeholder's `NAME=VALUE`; repeat it for each")
	set.BoolVar(&f.force, "force", false, "send although the user is suppressed")
	return f
}

// given returns the flags that were set, for words.
func (f *messageFlags) given() []string {
	var names []string
	f.set.Visit(func(flag *pflag.Flag) {
		if f.text[flag.Name] != nil || flag.Name == "data" || flag.Name == "force" {
			names = append(names, "--"+flag.Name)
		}
	})
	return names
}

// item is the message that the flags make. Its own mistakes are usage; what is
// wrong with the values is told by message.Decode like anybody's.
func (f *messageFlags) item() (item, error) {
	for _, name := range []string{"account", "kind", "to"} {
		if *f.text[name] == "" {
			return item{}, usage("--%s is missing; a message by flags needs --account, --kind and --to", name)
		}
	}
	kind := message.Kind(*f.text["kind"])
	if kind == message.Uniform {
		return item{}, usage("a uniform message has two parts, which flags cannot say; put it into a file: enqueue send FILE")
	}
	envelope, body := map[string]any{}, map[string]any{}
	for _, t := range textFlags {
		text := *f.text[t.name]
		switch {
		case !f.set.Changed(t.name):
		case t.kinds == nil:
			envelope[t.field] = text
		case kind.Valid() && !slices.Contains(t.kinds, kind):
			return item{}, usage("--%s is not for kind %s, but for %s", t.name, kind, kindList(t.kinds))
		default:
			body[t.field] = text
		}
	}
	data, err := f.placeholders()
	if err != nil {
		return item{}, err
	}
	if data != nil {
		body["data"] = data
	}
	if f.force {
		envelope["force"] = true
	}
	envelope["body"] = body
	raw, err := json.Marshal(envelope)
	return item{source: "flags", raw: raw}, err
}

func (f *messageFlags) placeholders() (map[string]any, error) {
	if len(f.data) == 0 {
		return nil, nil
	}
	data := map[string]any{}
	for _, text := range f.data {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usage("--data %q has no name; write --data keyword1=text", text)
		}
		if _, twice := data[name]; twice {
			return nil, usage("--data %s is given twice; keep one", name)
		}
		data[name] = map[string]string{"value": value}
	}
	return data, nil
}

func kindList(kinds []message.Kind) string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
