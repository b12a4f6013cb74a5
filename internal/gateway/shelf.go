package gateway

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
)

// Shelf manages an account's templates at WeChat. It needs the account's secret.
// What it reads it keeps in the catalogue, so that producers know it at once.
type Shelf struct {
	Type message.AccountType

	*line
	name      string
	lister    access.Lister
	catalogue *catalogue.Catalogue
	book      *ledger.Ledger
}

// Note tells the account's log who made a template, or took one away: what is
// template_add or template_delete. What cannot be noted was done all the same.
func (s *Shelf) Note(ctx context.Context, what, template, who string) {
	_ = s.book.Note(context.WithoutCancel(ctx), s.name, what, template, "", ledger.ParkInfo{By: "operator", Who: who})
}

// NewShelf makes the shelf of a configured account. It dials nothing; class
// Invalid names what the configuration lacks. The caller closes it.
func NewShelf(cfg *config.Config, name string, redis redis.UniversalClient) (*Shelf, error) {
	l, err := newLine(cfg, name, redis)
	if err != nil {
		return nil, err
	}
	return &Shelf{Type: l.account.Type, line: l, name: name, catalogue: catalogue.New(redis), book: ledger.New(redis),
		lister: access.Lister{Type: l.account.Type, Client: l.client, Errand: l.errand}}, nil
}

// Library returns all titles of a mini program's library; seen is told how many
// of how many were read. Errors have the class of WeChat's code, or of a token
// that could not be had; so do those below.
func (s *Shelf) Library(ctx context.Context, seen func(n, total int)) (titles []template.Entry, err error) {
	err = s.errand.Run(ctx, func(token string) (err error) {
		titles, err = s.client.Library(ctx, token, seen)
		return err
	})
	return titles, err
}

// Keywords returns what a title of the library can tell.
func (s *Shelf) Keywords(ctx context.Context, id string) (title template.Entry, keywords []template.Keyword, err error) {
	err = s.errand.Run(ctx, func(token string) (err error) {
		title, keywords, err = s.client.LibraryKeywords(ctx, token, id)
		return err
	})
	return title, keywords, err
}

// Add makes a template of a title with keywords in that order.
func (s *Shelf) Add(ctx context.Context, id string, keywords []int) (templateID string, err error) {
	err = s.errand.Run(ctx, func(token string) (err error) {
		templateID, err = s.client.AddTemplate(ctx, token, id, keywords)
		return err
	})
	return templateID, err
}

// List reads the account's templates and keeps them. A list that could not be
// read is left out, and told in the error beside the others.
func (s *Shelf) List(ctx context.Context) ([]template.Template, error) {
	lists := s.lister.Lists(ctx)
	var all []template.Template
	var failed []error
	for _, list := range lists {
		if list.Err != nil {
			failed = append(failed, list.Err)
			continue
		}
		all = append(all, list.Templates...)
	}
	if len(failed) < len(lists) {
		if err := s.catalogue.Store(ctx, s.name, lists); err != nil {
			return all, err
		}
	}
	return all, errors.Join(failed...)
}

// Find returns the account's template of an id, read anew; class NotFound where
// it has none.
func (s *Shelf) Find(ctx context.Context, id string) (template.Template, error) {
	all, err := s.List(ctx)
	for _, t := range all {
		if t.ID == id {
			return t, nil
		}
	}
	if err != nil {
		return template.Template{}, err
	}
	return template.Template{}, &fault.Error{Op: "gateway.template", Class: fault.NotFound,
		Message: "account " + s.name + " has no template " + id + "; enqueue template list " + s.name + " shows those that it has"}
}

// Delete takes a template away.
func (s *Shelf) Delete(ctx context.Context, t template.Template) error {
	return s.errand.Run(ctx, func(token string) error { return s.client.DeleteTemplate(ctx, token, t.Sort, t.ID) })
}
