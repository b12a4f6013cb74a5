package wechat

import (
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// retryCodes pass by themselves, or with another token.
var retryCodes = slices.Concat(
	group(fault.Busy, "tried again after a growing, jittered delay, which counts as an attempt; the lane slows down", message.Hold{},
		words{-1, "WeChat is busy; bulk bursts get this answer, too", "微信系统繁忙，突发群发时也会出现"},
		words{-1000, "WeChat had an internal error", "微信系统出错"},
		words{61450, "WeChat had an internal error", "微信系统出错"},
		words{45102, "the interface is closed for a moment", "接口暂时被封"}),
	group(fault.Token, "the token that was used is given up; with the current one the message is sent once more at once", message.Hold{},
		words{40001, "the access_token is wrong or not the latest (from the token interface: the secret is wrong)", "access_token 无效或不是最新的(取 token 时：AppSecret 有误)"},
		words{40014, "the access_token is wrong", "access_token 不合法"},
		words{42001, "the access_token has expired", "access_token 已过期"},
		words{41001, "the access_token is missing", "没有带 access_token"}),
	group(fault.Minute, "this kind of the account pauses until the next minute; not counted as an attempt", message.Hold{},
		words{45011, "too many calls in this minute", "本分钟调用次数过多"},
		words{45066, "too many calls in a short time", "调用过于频繁"}),
	group(fault.Daily, "this kind of the account pauses until midnight UTC+8 and probes meanwhile; not counted as an attempt", message.Hold{},
		words{45009, "the interface's quota of the day is used up", "该接口当日额度已用完"},
		words{45104, "the domain's quota of the day is used up", "该域名当日额度已用完"}),
	group(fault.Concurrency, "tried again after a short delay, one message at a time for that user; not counted as an attempt", message.Hold{},
		words{43108, "another send to this user is under way", "正在向同一用户发送另一条消息"}),
)
