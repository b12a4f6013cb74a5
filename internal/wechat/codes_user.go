package wechat

import (
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const doesRefused = "the message ends as refused"

// userCodes depend on the user, or on the permit that the user gave.
var userCodes = slices.Concat(
	group(fault.Recipient, doesRefused, message.Hold{},
		words{40003, "the openid is wrong, or of another account", "openid 有误，或属于别的账号"},
		words{41009, "the openid is missing", "没有填 openid"},
		words{43004, "the user does not follow the account", "用户尚未关注公众号"},
		words{43005, "the user is not a contact", "不是好友关系"},
		words{43019, "the account has put the user on its blacklist", "用户在账号的黑名单里"},
		words{46004, "there is no such user", "查无此用户"},
		words{48002, "the user takes no messages of this account", "用户已拒收该账号的消息"},
		words{50005, "the user has stopped following the account", "用户已取消关注"}),
	group(fault.Recipient, "the message ends as refused; subscription kinds lose the consent, kind template suppresses this template for this user for a while", message.Hold{},
		words{43101, "the user has switched this template off, or the one-time consent is used up", "用户关闭了该模板的消息，或一次性订阅已用完"}),
	group(fault.Permit, "the permit is void and the message ends as refused; a prepay_id younger than 60 s is tried again after 10 s, because WeChat's back ends lag", message.Hold{},
		words{41028, "the form_id or prepay_id is wrong or expired", "form_id 或 prepay_id 有误或已过期"}),
	group(fault.Permit, "the permit counts as used up and the message ends as refused; accepted when an earlier attempt with it is in doubt", message.Hold{},
		words{41029, "the form_id has been used", "form_id 已用过"}),
	group(fault.Permit, "the permit is void and the message ends as refused", message.Hold{},
		words{41031, "the form_id is blocked", "form_id 已被封禁"}),
)
