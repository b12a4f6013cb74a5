package message

import "encoding/json"

// Body is WeChat's own request of one kind. Its JSON form is what goes over
// the wire, client_msg_id aside.
type Body interface {
	// Kind tells which interface the body is for.
	Kind() Kind
	// Recipient is the openid it goes to (touser).
	Recipient() string
	// TemplateID is the template that the user will see; for a uniform message
	// the part that WeChat uses (weapp before mp).
	TemplateID() string
	// PermitCode is the form_id or prepay_id in the body, or "".
	PermitCode() string
}

// Data fills a template: each key is a placeholder's name without .DATA.
type Data map[string]Value

// Value is one filled placeholder. Value is a JSON string or number, sent as
// the app gave it. Color is dropped silently by WeChat since 2023-05.
type Value struct {
	Value json.RawMessage `json:"value"`
	Color string          `json:"color,omitempty"`
}

// MiniProgramLink is where a tap leads when it leads into a mini program. WeChat
// refuses an empty one (40165), so a nil pointer stands for none.
type MiniProgramLink struct {
	AppID    string `json:"appid"`
	PagePath string `json:"pagepath,omitempty"`
}

// TemplateBody is an official account's template message.
type TemplateBody struct {
	ToUser      string           `json:"touser"`
	Template    string           `json:"template_id"`
	URL         string           `json:"url,omitempty"`
	MiniProgram *MiniProgramLink `json:"miniprogram,omitempty"`
	TopColor    string           `json:"topcolor,omitempty"`
	Data        Data             `json:"data"`
}

// BizsendBody is an official account's subscription message.
type BizsendBody struct {
	ToUser      string           `json:"touser"`
	Template    string           `json:"template_id"`
	Page        string           `json:"page,omitempty"`
	MiniProgram *MiniProgramLink `json:"miniprogram,omitempty"`
	Data        Data             `json:"data"`
}

// OnetimeBody is an official account's one-time subscription message. Scene is
// 0 to 10000, Title has at most 15 characters, data.content.value at most 200.
type OnetimeBody struct {
	ToUser      string           `json:"touser"`
	Template    string           `json:"template_id"`
	URL         string           `json:"url,omitempty"`
	MiniProgram *MiniProgramLink `json:"miniprogram,omitempty"`
	Scene       json.Number      `json:"scene"`
	Title       string           `json:"title"`
	Data        Data             `json:"data"`
}

// WXOpenBody is a mini program's template message. FormID is a form's id or a
// payment's prepay_id without the prefix prepay_id=; empty: one is taken from
// the user's pool of permits.
type WXOpenBody struct {
	ToUser   string `json:"touser"`
	Template string `json:"template_id"`
	Page     string `json:"page,omitempty"`
	FormID   string `json:"form_id,omitempty"`
	Data     Data   `json:"data"`
	Emphasis string `json:"emphasis_keyword,omitempty"`
}

// SubscribeBody is a mini program's subscription message.
type SubscribeBody struct {
	ToUser   string `json:"touser"`
	Template string `json:"template_id"`
	Page     string `json:"page,omitempty"`
	State    string `json:"miniprogram_state,omitempty"` // developer, trial, formal
	Lang     string `json:"lang,omitempty"`              // zh_CN, en_US, zh_HK, zh_TW
	Data     Data   `json:"data"`
}

// UniformBody is a uniform service message: at least one part; when both
// stand, WeChat sends the weapp part.
type UniformBody struct {
	ToUser string     `json:"touser"`
	Weapp  *WeappPart `json:"weapp_template_msg,omitempty"`
	MP     *MPPart    `json:"mp_template_msg,omitempty"`
}

// WeappPart is the mini program's half of a uniform message.
type WeappPart struct {
	Template string `json:"template_id"`
	Page     string `json:"page,omitempty"`
	FormID   string `json:"form_id,omitempty"`
	Data     Data   `json:"data"`
	Emphasis string `json:"emphasis_keyword,omitempty"`
}

// MPPart is the official account's half of a uniform message; AppID is that
// account's, which must be bound to the mini program.
type MPPart struct {
	AppID       string           `json:"appid"`
	Template    string           `json:"template_id"`
	URL         string           `json:"url,omitempty"`
	MiniProgram *MiniProgramLink `json:"miniprogram,omitempty"`
	Data        Data             `json:"data"`
}

func (*TemplateBody) Kind() Kind  { return Template }
func (*BizsendBody) Kind() Kind   { return Bizsend }
func (*OnetimeBody) Kind() Kind   { return Onetime }
func (*WXOpenBody) Kind() Kind    { return WXOpen }
func (*SubscribeBody) Kind() Kind { return Subscribe }
func (*UniformBody) Kind() Kind   { return Uniform }

func (b *TemplateBody) Recipient() string  { return b.ToUser }
func (b *BizsendBody) Recipient() string   { return b.ToUser }
func (b *OnetimeBody) Recipient() string   { return b.ToUser }
func (b *WXOpenBody) Recipient() string    { return b.ToUser }
func (b *SubscribeBody) Recipient() string { return b.ToUser }
func (b *UniformBody) Recipient() string   { return b.ToUser }

func (b *TemplateBody) TemplateID() string  { return b.Template }
func (b *BizsendBody) TemplateID() string   { return b.Template }
func (b *OnetimeBody) TemplateID() string   { return b.Template }
func (b *WXOpenBody) TemplateID() string    { return b.Template }
func (b *SubscribeBody) TemplateID() string { return b.Template }

// TemplateID is the weapp part's template when there is one, else the mp part's.
func (b *UniformBody) TemplateID() string {
	switch {
	case b.Weapp != nil:
		return b.Weapp.Template
	case b.MP != nil:
		return b.MP.Template
	}
	return ""
}

func (*TemplateBody) PermitCode() string  { return "" }
func (*BizsendBody) PermitCode() string   { return "" }
func (*OnetimeBody) PermitCode() string   { return "" }
func (*SubscribeBody) PermitCode() string { return "" }
func (b *WXOpenBody) PermitCode() string  { return b.FormID }

// PermitCode is the weapp part's form_id.
func (b *UniformBody) PermitCode() string {
	if b.Weapp == nil {
		return ""
	}
	return b.Weapp.FormID
}
