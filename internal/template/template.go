// Package template knows WeChat's message templates: what of a template's text
// a message fills, which values each kind of keyword takes, whether a message
// fits its template, and how a user will read it.
//
// Its promise: everything here is a pure function, and what Check calls a
// mistake WeChat refuses (47003) or shows as an empty place. It leaves to others
// where templates come from (internal/wechat), how they are kept
// (internal/catalogue), and what a review says of a title (internal/template/lint).
package template

import "wxdispatch/internal/message"

// Sort is which of WeChat's lists a template stands in.
type Sort string

// The three lists.
const (
	OfSends    Sort = "template"     // an official account's, for kind template
	OfForms    Sort = "wxopen"       // a mini program's, for kinds wxopen and uniform
	OfConsents Sort = "subscription" // of subscription messages: kinds subscribe and bizsend
)

// SortOf is the list that a kind's templates stand in; "" for onetime, whose
// templates no interface lists.
func SortOf(kind message.Kind) Sort {
	switch kind {
	case message.Template:
		return OfSends
	case message.WXOpen, message.Uniform:
		return OfForms
	case message.Subscribe, message.Bizsend:
		return OfConsents
	}
	return ""
}

// SortsOf are the lists that an account of a type has.
func SortsOf(t message.AccountType) []Sort {
	if t == message.MiniProgram {
		return []Sort{OfForms, OfConsents}
	}
	return []Sort{OfSends, OfConsents}
}

// LongTerm is WeChat's type of a subscription template that needs no consent
// for each message; 2 is one that does.
const LongTerm = 3

// Template is one of an account's templates.
type Template struct {
	ID      string `json:"template_id"`
	Sort    Sort   `json:"sort"`
	Title   string `json:"title"`
	Content string `json:"content"`           // as 购买地点{{keyword1.DATA}}, a line a keyword
	Example string `json:"example,omitempty"` // the content, filled by WeChat
	Type    int    `json:"type,omitempty"`    // of a subscription: 2 one-time, 3 long-term
}

// Entry is a title of the library that mini programs choose templates from.
type Entry struct {
	ID    string `json:"id"` // as AT0002
	Title string `json:"title"`
}

// Keyword is something that a template can tell: its name, and an example of
// its value. ID is its number in the library, 0 where it has none.
type Keyword struct {
	ID      int    `json:"keyword_id,omitempty"`
	Name    string `json:"name"`
	Example string `json:"example"`
}
