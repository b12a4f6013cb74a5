package wechat

import (
	"context"
	"fmt"
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
)

// LibraryPage returns count titles of a mini program's template library from
// offset on (/cgi-bin/wxopen/template/library/list), and how many there are.
// Class Invalid: offset is below 0, or count is not 1 to 20; nothing was asked.
// Else the class of WeChat's code, or of Post.
func (c *Client) LibraryPage(ctx context.Context, token string, offset, count int) ([]template.Entry, int, error) {
	const op = "wechat.library"
	p := page{Offset: offset, Count: count}
	if err := fault.InvalidFields(op, p.mistakes()); err != nil {
		return nil, 0, err
	}
	var told struct {
		List  []template.Entry `json:"list"`
		Total int              `json:"total_count"`
	}
	err := c.call(ctx, op, "/cgi-bin/wxopen/template/library/list", token, p, &told)
	return told.List, told.Total, err
}

// Library returns all titles, page after page; a call for each 20, after which
// seen is told how many of how many are there. Errors as LibraryPage's.
func (c *Client) Library(ctx context.Context, token string, seen func(n, total int)) ([]template.Entry, error) {
	return pages(ctx, func(ctx context.Context, p page) ([]template.Entry, int, error) {
		list, total, err := c.LibraryPage(ctx, token, p.Offset, p.Count)
		seen(p.Offset+len(list), total)
		return list, total, err
	})
}

// LibraryKeywords returns what a title of the library can tell
// (/cgi-bin/wxopen/template/library/get). Errors as LibraryPage's.
func (c *Client) LibraryKeywords(ctx context.Context, token, id string) (template.Entry, []template.Keyword, error) {
	const op = "wechat.keywords"
	if err := fault.InvalidFields(op, named("id", id)); err != nil {
		return template.Entry{}, nil, err
	}
	var told struct {
		template.Entry
		Keywords []template.Keyword `json:"keyword_list"`
	}
	err := c.call(ctx, op, "/cgi-bin/wxopen/template/library/get", token, map[string]string{"id": id}, &told)
	return told.Entry, told.Keywords, err
}

// AddTemplate makes a template of a library's title with keywords in that order
// (/cgi-bin/wxopen/template/add), and returns its id. Class Invalid: no keyword,
// more than 10, one twice; nothing was asked. Codes: 43106 punished, 45026 the
// account has as many as it may, 45100 WeChat does not take the keywords.
func (c *Client) AddTemplate(ctx context.Context, token, id string, keywords []int) (string, error) {
	const op = "wechat.add_template"
	if err := fault.InvalidFields(op, append(named("id", id), keywordMistakes(keywords)...)); err != nil {
		return "", err
	}
	var told struct {
		ID string `json:"template_id"`
	}
	err := c.call(ctx, op, "/cgi-bin/wxopen/template/add", token, map[string]any{"id": id, "keyword_id_list": keywords}, &told)
	return told.ID, err
}

// named checks an id that WeChat made.
func named(path, id string) []fault.Field {
	if words := message.TokenComplaint(id); words != "" {
		return []fault.Field{{Path: path, Message: words}}
	}
	return nil
}

func keywordMistakes(keywords []int) []fault.Field {
	const path = "keyword_id_list"
	var fields []fault.Field
	if n := len(keywords); n < 1 || n > mostKeywords {
		fields = append(fields, fault.Field{Path: path, Message: fmt.Sprintf("found %d keywords; allowed are 1 to %d", n, mostKeywords)})
	}
	for i, id := range keywords {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch first := slices.Index(keywords, id); {
		case id < 1:
			fields = append(fields, fault.Field{Path: at, Message: fmt.Sprintf("found %d; a keyword's id is 1 or more", id)})
		case first < i:
			fields = append(fields, fault.Field{Path: at, Message: fmt.Sprintf("found %d, which stands at %s[%d] already; each once", id, path, first)})
		}
	}
	return fields
}
