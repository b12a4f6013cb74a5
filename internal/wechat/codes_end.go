package wechat

import (
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// templateCodes come from WeChat's review of templates and content.
var templateCodes = append(
	group(fault.Template, "the message ends as refused; the account takes no more of this template until an operator lifts that, and the operator may replay", message.Hold{Scope: message.ScopeTemplate},
		words{43107, "subscription messages of the account or template are banned", "账号或模板的订阅消息能力被封"},
		words{43116, "the template is banned", "模板被封禁"}),
	group(fault.Template, "the message ends as refused; the template goes on, and the operator may replay", message.Hold{},
		words{40249, "WeChat finds the content illegal", "内容被判违规"},
		words{40252, "the content is held for review", "内容待审核"},
		words{45168, "a value is on WeChat's blacklist", "字段值命中微信的黑名单"})...,
)

// endCodes are nobody's fault but the interface's or this program's.
var endCodes = append(
	group(fault.Gone, "the message ends as refused; of the mini program's kinds subscribe lives on", message.Hold{},
		words{45103, "WeChat withdrew mini-program template messages on 2020-01-10; use kind subscribe", "小程序模板消息已于 2020-01-10 下线，请改用 subscribe"},
		words{45109, "WeChat withdrew uniform messages on 2023-09-20; use kind subscribe or template", "统一服务消息已于 2023-09-20 下线，请改用 subscribe 或 template"},
		words{48009, "WeChat withdrew this interface; use kind subscribe", "该接口已下线，请改用 subscribe"}),
	group(fault.Caller, "the message ends as refused; this is a fault of wxdispatch, please report it", message.Hold{},
		words{41003, "the refresh_token is missing", "没有带 refresh_token"},
		words{43001, "the interface wants GET", "该接口只收 GET"},
		words{43002, "the interface wants POST", "该接口只收 POST"},
		words{43003, "the interface wants HTTPS", "该接口只收 HTTPS"})...,
)
