package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/template"
)

// ParkTemplate has a template take nothing, at intake and at begin, until
// UnparkTemplate; false: it was parked already. Class Unavailable leaves it open
// whether it was written; repeating it changes nothing.
func (l *Ledger) ParkTemplate(ctx context.Context, account, id string, info ParkInfo) (bool, error) {
	return l.templatePark(ctx, account, id, true, info)
}

// UnparkTemplate ends that, WeChat's bans, too; false: it was not parked.
func (l *Ledger) UnparkTemplate(ctx context.Context, account, id string, info ParkInfo) (bool, error) {
	return l.templatePark(ctx, account, id, false, info)
}

func (l *Ledger) templatePark(ctx context.Context, account, id string, park bool, info ParkInfo) (bool, error) {
	text, err := json.Marshal(info)
	if err != nil {
		return false, err
	}
	answer, err := l.run(ctx, "ledger.template", ask{decision: templatePark, account: account, args: []any{id, flag(park), string(text)}})
	if err != nil {
		return false, err
	}
	r := reader{op: "ledger.template", values: answer}
	return r.number() == 1, r.err
}

// TemplateParks returns the templates of an account that take nothing, the
// oldest first.
func (l *Ledger) TemplateParks(ctx context.Context, account string) ([]template.Park, error) {
	fields, err := l.redis.HGetAll(ctx, keys.TemplateParks(account)).Result()
	if err != nil {
		return nil, unavailable("ledger.templates", err)
	}
	return readTemplateParks(fields), nil
}

func readTemplateParks(fields map[string]string) []template.Park {
	var parks []template.Park
	for id, text := range fields {
		if p, ok := template.ReadPark(id, text); ok {
			parks = append(parks, p)
		}
	}
	slices.SortFunc(parks, func(a, b template.Park) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Template, b.Template))
	})
	return parks
}
