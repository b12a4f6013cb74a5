package wechat

import (
	"slices"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const (
	doesPark     = "all kinds of the account are parked and the operator is told; probes find out when it is over"
	doesParkKind = "this kind of the account is parked and the operator is told; probes find out when it is over"
	doesConfirm  = "all kinds of the account are parked and the operator is told; the next probe waits as long as WeChat's rule says"
)

// accountCodes stop an account, or one kind of it, until a person or time
// mends that.
var accountCodes = slices.Concat(
	group(fault.Account, doesPark, message.Hold{Scope: message.ScopeAccount}, parkedAccount...),
	group(fault.Account, "another host tries first; the account is parked when every live host got this; hosts and addresses are shown", message.Hold{Scope: message.ScopeAccount},
		words{40164, "this machine's address is not on the account's whitelist", "本机 IP 不在账号的白名单中"}),
	group(fault.Account, doesParkKind, message.Hold{Scope: message.ScopeKind},
		words{41032, "sending with form ids is forbidden as a punishment", "因违规，禁止用 form_id 发送"},
		words{41034, "sending with form ids is forbidden as a punishment", "因违规，禁止用 form_id 发送"},
		words{41035, "sending with prepay ids is forbidden as a punishment", "因违规，禁止用 prepay_id 发送"},
		words{48001, "the account may not use this interface; often the token is of the wrong kind of account", "账号没有此接口的权限；常因用了别类账号的 token"},
		words{48004, "the interface is banned for a violation", "因违规，此接口被封"}),
	group(fault.Account, doesConfirm, message.Hold{Scope: message.ScopeAccount, For: 10 * time.Minute},
		words{89501, "an administrator has to confirm this machine's address", "须由管理员确认本机 IP"},
		words{89502, "an administrator has to confirm this machine's address", "须由管理员确认本机 IP"},
		words{89503, "an administrator has to confirm this machine's address", "须由管理员确认本机 IP"},
		words{89504, "an administrator has to confirm this machine's address", "须由管理员确认本机 IP"},
		words{89505, "an administrator has to confirm this machine's address", "须由管理员确认本机 IP"}),
	group(fault.Account, doesConfirm, message.Hold{Scope: message.ScopeAccount, For: 24 * time.Hour},
		words{89506, "an administrator refused this machine's address for 24 hours", "管理员已拒绝本机 IP,24 小时内不可再试"}),
	group(fault.Account, doesConfirm, message.Hold{Scope: message.ScopeAccount, For: time.Hour},
		words{89507, "an administrator refused this machine's address for 1 hour", "管理员已拒绝本机 IP,1 小时内不可再试"}),
)

var parkedAccount = []words{
	{40002, "the grant_type is wrong", "grant_type 有误"},
	{40013, "the appid is wrong", "appid 有误"},
	{40125, "the secret is wrong", "AppSecret 有误"},
	{40243, "the secret is frozen", "AppSecret 已被冻结"},
	{41002, "the appid is missing", "没有填 appid"},
	{41004, "the secret is missing", "没有填 AppSecret"},
	{42007, "the account has withdrawn its authorisation of the third party", "账号已撤回对第三方的授权"},
	{43104, "this appid may not call the interface", "此 appid 不可调用该接口"},
	{45035, "the address is not on the account's whitelist", "IP 不在账号的白名单中"},
	{48003, "WeChat's agreement was not accepted", "尚未同意微信的协议"},
	{48008, "the account has no permission", "账号没有权限"},
	{50001, "the account has no permission for this interface", "账号没有此接口的权限"},
	{50002, "WeChat has limited the account", "账号被微信限制"},
	{50003, "WeChat has limited the account", "账号被微信限制"},
	{50004, "the account may fetch no token, as a punishment", "因违规，账号不可获取 token"},
	{50007, "the account is frozen", "账号已冻结"},
	{61003, "the account has not authorised the third party", "账号未授权给该第三方"},
	{61004, "the address is not on the whitelist", "IP 不在白名单中"},
	{61007, "the account has not authorised this interface", "账号未授权此接口"},
	{61023, "the refresh_token is wrong", "refresh_token 无效"},
	{61024, "the third party's token does not belong to the account", "第三方 token 与账号不匹配"},
}
