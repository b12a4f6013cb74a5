package wxdispatch

import (
	"encoding/json"
	"strconv"

	"wxdispatch/internal/message"
)

// Body is what WeChat shows to the user, of one of the six kinds: Template,
// Bizsend, Onetime (official accounts), WXOpen, Uniform, Subscribe (mini
// programs). Empty fields are left out.
type Body interface {
	// wire is the body in the form that goes to WeChat.
	wire() message.Body
}

// Data fills a template: a placeholder's name, without braces and .DATA, and
// its text.
type Data map[string]string

// Colors are the texts' colours by placeholder, as #173177. WeChat drops those
// of official accounts since May 2023.
type Colors map[string]string

// MiniProgramPage is where a tap leads when it leads into a mini program; the zero
// value is none.
type MiniProgramPage struct {
	AppID    string // of the mini program
	PagePath string // its page, "" is the first one
}

// Template is an official account's template message.
type Template struct {
	ToUser      string // the user's openid
	TemplateID  string
	URL         string          // where a tap leads
	MiniProgram MiniProgramPage // wins over URL where the user's WeChat knows it
	Data        Data            // at least one placeholder
	Colors      Colors
	TopColor    string
}

// Bizsend is an official account's subscription message.
type Bizsend struct {
	ToUser      string // the user's openid
	TemplateID  string
	Page        string // where a tap leads
	MiniProgram MiniProgramPage
	Data        Data // at least one placeholder
	Colors      Colors
}

// Onetime is an official account's one-time subscription message.
type Onetime struct {
	ToUser      string // the user's openid
	TemplateID  string
	URL         string // where a tap leads
	MiniProgram MiniProgramPage
	Scene       int    // that the user subscribed in, 0 to 10000
	Title       string // at most 15 characters
	Content     string // at most 200 characters
	Color       string // of Content
}

// WXOpen is a mini program's template message. It needs a permit.
type WXOpen struct {
	ToUser     string // the user's openid
	TemplateID string
	Page       string // without a leading slash
	FormID     string // a form_id or a prepay_id; "": one of the user's pool (AddPermit)
	Data       Data
	Colors     Colors
	Emphasis   string // the placeholder that is shown large, as keyword1.DATA
}

// Subscribe is a mini program's subscription message.
type Subscribe struct {
	ToUser     string // the user's openid
	TemplateID string
	Page       string // without a leading slash
	State      string // developer, trial or formal; "": formal
	Lang       string // zh_CN, en_US, zh_HK or zh_TW; "": zh_CN
	Data       Data   // at least one placeholder
	Colors     Colors
}

// Uniform is a uniform service message: at least one part; of both, WeChat
// sends the mini program's.
type Uniform struct {
	ToUser string // the user's openid
	Weapp  *WeappPart
	MP     *MPPart
}

// WeappPart is the mini program's half of a Uniform message. It needs a permit.
type WeappPart struct {
	TemplateID string
	Page       string // without a leading slash
	FormID     string // as of WXOpen
	Data       Data   // at least one placeholder
	Colors     Colors
	Emphasis   string // as of WXOpen
}

// MPPart is the official account's half of a Uniform message.
type MPPart struct {
	AppID       string // of the official account, to which the mini program is bound
	TemplateID  string
	URL         string
	MiniProgram MiniProgramPage
	Data        Data // at least one placeholder
	Colors      Colors
}

func (b Template) wire() message.Body {
	return &message.TemplateBody{ToUser: b.ToUser, Template: b.TemplateID, URL: b.URL,
		MiniProgram: b.MiniProgram.link(), TopColor: b.TopColor, Data: b.Data.in(b.Colors)}
}

func (b Bizsend) wire() message.Body {
	return &message.BizsendBody{ToUser: b.ToUser, Template: b.TemplateID, Page: b.Page,
		MiniProgram: b.MiniProgram.link(), Data: b.Data.in(b.Colors)}
}

func (b Onetime) wire() message.Body {
	content := message.Text(b.Content)
	content.Color = b.Color
	return &message.OnetimeBody{ToUser: b.ToUser, Template: b.TemplateID, URL: b.URL, MiniProgram: b.MiniProgram.link(),
		Scene: json.Number(strconv.Itoa(b.Scene)), Title: b.Title, Data: message.Data{"content": content}}
}

func (b WXOpen) wire() message.Body {
	return &message.WXOpenBody{ToUser: b.ToUser, Template: b.TemplateID, Page: b.Page, FormID: b.FormID,
		Data: b.Data.in(b.Colors), Emphasis: b.Emphasis}
}

func (b Subscribe) wire() message.Body {
	return &message.SubscribeBody{ToUser: b.ToUser, Template: b.TemplateID, Page: b.Page, State: b.State, Lang: b.Lang,
		Data: b.Data.in(b.Colors)}
}

func (b Uniform) wire() message.Body {
	body := &message.UniformBody{ToUser: b.ToUser}
	if p := b.Weapp; p != nil {
		body.Weapp = &message.WeappPart{Template: p.TemplateID, Page: p.Page, FormID: p.FormID,
			Data: p.Data.in(p.Colors), Emphasis: p.Emphasis}
	}
	if p := b.MP; p != nil {
		body.MP = &message.MPPart{AppID: p.AppID, Template: p.TemplateID, URL: p.URL, MiniProgram: p.MiniProgram.link(),
			Data: p.Data.in(p.Colors)}
	}
	return body
}

func (m MiniProgramPage) link() *message.MiniProgramLink {
	if m == (MiniProgramPage{}) {
		return nil
	}
	return &message.MiniProgramLink{AppID: m.AppID, PagePath: m.PagePath}
}

// in is the data with its colours. A colour without a text becomes a
// placeholder without a value, which is a mistake of its own.
func (d Data) in(colors Colors) message.Data {
	data := make(message.Data, len(d))
	for name, text := range d {
		data[name] = message.Text(text)
	}
	for name, color := range colors {
		value := data[name]
		value.Color = color
		data[name] = value
	}
	return data
}
