package wechat

import (
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const doesUnknown = "tried once more after a delay, at most 2 attempts in all; then failed, with WeChat's code and words kept"

// answerCodes mean that WeChat has the message, now or from an earlier attempt.
var answerCodes = append(
	group(fault.OK, "settled as accepted; the msgid is kept when there is one", message.Hold{},
		words{0, "WeChat took the message", "微信已受理"}),
	group(fault.Duplicate, "accepted when an earlier attempt of this message is in doubt; else one more try after 61 s", message.Hold{},
		words{40241, "the same message was sent within the last 60 seconds", "60 秒内已发过相同的消息"},
		words{45065, "WeChat knows this client_msg_id already", "该 client_msg_id 已被使用"})...,
)

// foreignCodes are met in answers of other interfaces than the send ones. They
// have words for people, but no class: as an answer to a send nobody knows them.
var foreignCodes = group(fault.Unknown, doesUnknown, message.Hold{},
	words{43106, "templates may not be added for now, as a punishment", "因违规受罚，暂不能添加模板"},
	words{45026, "the account holds as many templates as it may", "账号下的模板数量已到上限"},
	words{45027, "the template does not belong to the account's industry", "模板与账号所选行业不符"},
	words{45067, "client_msg_id is longer than 32 bytes", "client_msg_id 超过 32 字节"},
	words{45100, "the list of keywords is not good", "关键词列表有误"},
	words{48006, "the quota was cleared as often as this month allows", "本月清零次数已用完"},
)
