package wechat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/template"
)

// TemplatePage returns count of a mini program's own templates from offset on
// (/cgi-bin/wxopen/template/list). Class Invalid: offset is below 0, or count is
// not 1 to 20; nothing was asked. Else the class of WeChat's code, or of Post.
func (c *Client) TemplatePage(ctx context.Context, token string, offset, count int) ([]template.Template, error) {
	const op = "wechat.templates"
	p := page{Offset: offset, Count: count}
	if err := fault.InvalidFields(op, p.mistakes()); err != nil {
		return nil, err
	}
	var told struct {
		List []template.Template `json:"list"`
	}
	err := c.call(ctx, op, "/cgi-bin/wxopen/template/list", token, p, &told)
	return sorted(told.List, template.OfForms), err
}

// Templates returns the templates of one of an account's lists, all pages of it.
// Errors as TemplatePage's.
func (c *Client) Templates(ctx context.Context, token string, sort template.Sort) ([]template.Template, error) {
	switch sort {
	case template.OfForms:
		return pages(ctx, func(ctx context.Context, p page) ([]template.Template, int, error) {
			list, err := c.TemplatePage(ctx, token, p.Offset, p.Count)
			return list, 0, err
		})
	case template.OfConsents:
		return c.subscriptionTemplates(ctx, token)
	}
	return c.privateTemplates(ctx, token)
}

// privateTemplates are an official account's own
// (/cgi-bin/template/get_all_private_template).
func (c *Client) privateTemplates(ctx context.Context, token string) ([]template.Template, error) {
	var list []template.Template
	err := c.look(ctx, "wechat.templates", "/cgi-bin/template/get_all_private_template", token, "template_list", &list)
	return sorted(list, template.OfSends), err
}

// subscriptionTemplates are those of subscription messages, of either type of
// account (/wxaapi/newtmpl/gettemplate).
func (c *Client) subscriptionTemplates(ctx context.Context, token string) ([]template.Template, error) {
	var told []struct {
		template.Template
		ID string `json:"priTmplId"`
	}
	err := c.look(ctx, "wechat.templates", "/wxaapi/newtmpl/gettemplate", token, "data", &told)
	list := make([]template.Template, 0, len(told))
	for _, t := range told {
		t.Template.ID = t.ID
		list = append(list, t.Template)
	}
	return sorted(list, template.OfConsents), err
}

// DeleteTemplate takes one of an account's templates away: a mini program's
// (/cgi-bin/wxopen/template/del), an official account's
// (/cgi-bin/template/del_private_template) or one of subscription messages
// (/wxaapi/newtmpl/deltemplate). Class Invalid: the id is none; nothing was
// asked. Code 40037: the account has no such template.
func (c *Client) DeleteTemplate(ctx context.Context, token string, sort template.Sort, id string) error {
	const op = "wechat.delete_template"
	if err := fault.InvalidFields(op, named("template_id", id)); err != nil {
		return err
	}
	path, name := "/cgi-bin/template/del_private_template", "template_id"
	switch sort {
	case template.OfForms:
		path = "/cgi-bin/wxopen/template/del"
	case template.OfConsents:
		path, name = "/wxaapi/newtmpl/deltemplate", "priTmplId"
	}
	return c.call(ctx, op, path, token, map[string]string{name: id}, nil)
}

// sorted notes which list templates come from.
func sorted(list []template.Template, sort template.Sort) []template.Template {
	for i := range list {
		list[i].Sort = sort
	}
	return list
}

// look asks with GET for what stands under name in the answer. A good answer
// need not have an errcode.
func (c *Client) look(ctx context.Context, op, path, token, name string, told any) error {
	got, err := c.exchange(ctx, ask{op: op, method: http.MethodGet, secrets: []string{token}, url: c.endpoint(path, url.Values{"access_token": {token}})})
	if err != nil {
		return err
	}
	reply, err := ParseReply(got.body)
	if err != nil {
		return got.strange(op, err)
	}
	reply.Message = redact(reply.Message, token)
	if err := reply.Err(op); err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(got.body, &fields); err != nil {
		return got.strange(op, err)
	}
	list, has := fields[name]
	if !has && !reply.Coded {
		return got.strange(op, fmt.Errorf("the answer has neither %s nor an errcode", name))
	}
	if !has {
		return nil
	}
	if err := json.Unmarshal(list, told); err != nil {
		return got.strange(op, err)
	}
	return nil
}
