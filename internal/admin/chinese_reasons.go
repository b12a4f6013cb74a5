package admin

// chineseReasons are the words that parks and a message's history give as a
// reason.
var chineseReasons = map[string]string{
	// WeChat's answers, by class
	"minute": "本分钟的微信调用次数已用完", "daily": "今日的微信配额已用完", "account": "微信拒绝了该账号", "outage": "微信不可用或繁忙",
	"token": "取不到有效的 access_token", "busy": "微信繁忙", "concurrency": "同一用户同时有多条发送", "duplicate": "微信认为是重复消息",
	"recipient": "该用户无法接收", "payload": "微信不接受消息内容", "template": "模板或内容被封禁", "template_id": "微信称不认识该模板，稍后再试",
	"gone": "该接口已被微信下线", "caller": "本程序的错误", "unknown": "未收录的返回码", "unsent": "请求未能发出", "unanswered": "已发出，未收到应答",

	// permits
	"permit": "没有可用的发送许可", "consent": "没有剩余的订阅授权", "permit_young": "支付凭证过新，稍后再试",
	"permit_void": "凭证已失效", "permit_expired": "凭证已到期", "permit_used": "凭证已用完",

	// our own
	"quota": "自设的每日配额已用完", "attempts": "尝试次数已用完", "late": "应答来得太晚", "expired": "已过有效期", "quiet_hours": "免打扰时段",
	"worker_died": "发送时 worker 中断", "task_gone": "队列中的任务已不存在", "batch_paused": "批次已暂停", "batch_cancelled": "批次已取消",
	"replay": "重新发送", "resend": "再次发送", "operator": "由操作者处理", "app": "由应用处理", "rule": "按账号规则处理", "stopping": "worker 正在退出",
}
