package admin

// chineseTexts are the pages' texts in Chinese.
var chineseTexts = map[string]string{
	// the frame
	"Queues": "队列", "Metrics": "指标", "Readiness": "就绪状态", "Overview": "总览", "version": "版本", "read-only": "只读",
	"Refreshes every 5 seconds.": "每 5 秒刷新一次。", "As of": "截至", "(times in UTC+8)": "（时间均为 UTC+8）",
	"This worker is shutting down. It takes nothing new.":                                  "该 worker 正在退出，不再接收新消息。",
	"The worker does not answer; these figures are old.":                                   "worker 没有应答，以下数据已过时。",
	"Some figures are missing: Redis did not answer in time. The worker's log tells more.": "部分数据缺失：Redis 未能及时应答，详见 worker 日志。",
	"No account is configured.":                                                            "尚未配置账号。",

	// accounts and lanes
	"Account": "账号", "official": "公众号", "miniprogram": "小程序",
	"Rate configured": "配置速率", "in force": "实际速率", "%v a second": "%v 条/秒", "%.4v a second": "%.4v 条/秒",
	"ends in %s": "%s后到期", "none": "无", "none was asked for yet": "尚未获取",
	"Receipts of the last hour": "近一小时回执", "%.1f s after the send": "平均在发送后 %.1f 秒",
	"In doubt": "存疑", "Bad ends": "异常结束", "Kind": "类型", "State": "状态",
	"Pending": "待发送", "Scheduled": "定时", "Waiting": "等待重试", "Oldest": "最早一条已等待", "Done at": "完成时间", "Used today": "今日用量",
	"running": "运行中", "parked": "已暂停", "paused": "队列已暂停", "failing": "Redis 无应答",
	"by": "操作者", "since": "自", "until": "直到", "until somebody ends it": "直到有人解除",
	"until a try is answered well, next at": "直到试发成功，下次试发", "all kinds": "所有类型",
	"paused in the web UI; resume it there": "在队列网页中被暂停，请在那里恢复",
	"Park…":                                 "暂停…", "Park": "暂停", "Unpark": "解除暂停", "Park all kinds…": "全部暂停…", "Park all kinds": "全部暂停", "Unpark all kinds": "全部解除暂停",
	"Reason": "原因", "for": "时长", "%d d": "%d 天", "%d h": "%d 小时", "%d min": "%d 分", "%d s": "%d 秒",
	"Templates that take nothing": "停用的模板",

	// batches
	"Batch": "批次", "Batches": "批次", "Progress": "进度", "Total": "总数", "Under way": "进行中", "Began": "开始时间", "done": "已完成",
	"more is being brought": "仍在导入", "%d of %d have ended": "已结束 %d / %d", "Rows": "行数", "%d refused": "%d 行被拒", "Its own rate": "批次速率",
	"Resume": "继续", "Pause": "暂停", "Cancel…": "取消…", "Cancel this batch": "取消该批次",
	"%d messages wait and would be cancelled, for good.": "有 %d 条消息在等待，将被永久取消。",

	// messages
	"Message": "消息", "Message id or openid": "消息 id 或 openid", "Find": "查找", "Permits of this openid": "该 openid 的发送许可",
	"Messages of a user": "用户的消息", "Permits": "发送许可", "Template": "模板", "Attempts": "尝试次数", "Receipt": "回执",
	"Taken": "接收时间", "Send at": "定时发送", "Sent": "发送时间", "Changed": "更新时间", "History": "历史", "At": "时间", "Meaning": "含义",
	"Its queue in the web UI":                                "在队列网页中查看",
	"The newest %d of %d are shown; enqueue find lists all.": "显示最新的 %d 条，共 %d 条；enqueue find 可列出全部。",
	"There is no record of such a message or user. What waits for its first attempt is found by its id only; what ended longer ago than message.keep is forgotten.": "没有该消息或用户的记录。尚未首次发送的消息只能按 id 查找；结束已超过 message.keep 的记录不再保留。",
	"queued": "排队中", "sending": "发送中", "waiting": "等待重试", "accepted": "微信已受理", "delivered": "已送达", "undelivered": "未送达",
	"refused": "被拒绝", "failed": "失败", "in_doubt": "存疑", "expired": "已过期", "unpermitted": "无许可", "suppressed": "用户已屏蔽", "cancelled": "已取消",

	// bad ends
	"Ended within": "结束于最近", "all that are kept": "全部保留的记录", "Count": "统计", "Messages": "消息数", "The latest": "最近一次",
	"Send again…": "重新发送…", "Show": "查看", "Sent again": "重新发送", "%d messages": "%d 条消息", "The oldest %d of %d": "最早的 %d 条，共 %d 条",
	"There are more than these %d; name a shorter time to count all.":                                                                 "不止这 %d 条；请缩短时间范围以统计全部。",
	"Each starts a new life under its id. What WeChat refused for good will be refused again unless something has changed meanwhile.": "每条消息将以原 id 重新发送。被微信永久拒绝的消息，若情况未变，会再次被拒绝。",
	"Send these %d again": "重新发送这 %d 条", "Send all of these again": "全部重新发送",
	"To send them again from here, set worker.ui: read_write; or write:": "要在此重新发送，请设置 worker.ui: read_write；或执行：",
	"There is no such bad end.": "没有这样的异常结束。",
	"Redis went away in between. What was sent again is not sent twice: count and send the rest.": "中途 Redis 断开。已重新发送的不会重复：请统计后继续发送其余的。",
	"There was no time for all; count and send the rest.":                                         "时间不够，未能全部处理；请统计后继续发送其余的。",
	"on their way again": "已重新发送", "not sent again": "未重新发送", "passed over, in doubt": "跳过（存疑）",

	// doubts
	"Did it arrive?": "它送达了吗？", "Did they arrive?": "它们送达了吗？", "End…": "处理…",
	"WeChat's answer never came, so nobody knows. Ask the user, or wait for WeChat's receipt, which ends a doubt by itself; nothing is sent again until somebody says how it ends.": "未收到微信的应答，是否送达无人知晓。请向用户确认，或等待微信回执（回执会自动结束存疑）；在有人决定之前不会再次发送。",
	"It arrived…": "已送达…", "It did not: send it again…": "未送达，再次发送…", "Leave it…": "不再处理…",
	"Counts as accepted and is never sent again. Its permit stays spent.": "记为“微信已受理”，不再发送。发送许可仍算已用。",
	"Is sent once more under its id. If it did arrive after all, the user gets it twice. Of payments and consents another permit is spent, and without one it is not sent; a form is used again.": "以原 id 再发一次。若其实已送达，用户会收到两次。支付和订阅授权需另用一次许可，没有则不发送；表单沿用原凭证。",
	"Counts as failed and is not sent now; its permit stays spent. It is among the bad ends then, from where it can still be sent again.":                                                         "记为“失败”，现在不发送；发送许可仍算已用。之后列在异常结束中，仍可从那里重新发送。",
	"End as accepted": "记为已受理", "End these %d as accepted": "将这 %d 条记为已受理", "End all of these as accepted": "全部记为已受理",
	"Send it again": "再次发送", "End as failed": "记为失败", "End these %d as failed": "将这 %d 条记为失败", "End all of these as failed": "全部记为失败",
	"To end doubts from here, set worker.ui: read_write; or write:": "要在此处理，请设置 worker.ui: read_write；或执行：",
	"Doubts ended": "存疑已处理", "ended as accepted": "记为已受理", "ended as failed": "记为失败", "left as they are": "保持原状",
	"Redis went away in between. What was ended is not ended twice: look at the rest and repeat.": "中途 Redis 断开。已处理的不会重复处理：请查看其余的再继续。",
	"There was no time for all; look at the rest and repeat.":                                     "时间不够，未能全部处理；请查看其余的再继续。",

	// permits
	"Permits of a user": "用户的发送许可", "Type": "种类", "Code": "凭证", "Left": "剩余", "Ends": "到期时间",
	"permit form": "表单", "permit payment": "支付", "permit consent": "订阅授权",
	"%d messages may be sent. What is spent, held by a message that waits, or over is not here.":         "还可发送 %d 条消息。已用完的、被等待中的消息占用的、已到期的不在此列。",
	"Nothing is left to this user. What is spent, held by a message that waits, or over is not counted.": "该用户没有剩余的发送许可。已用完的、被等待中的消息占用的、已到期的不计。",

	// troubles
	"This cannot be understood": "无法理解该请求", "Nobody knows that": "查无此项", "That does not fit how it stands": "与当前状态不符",
	"That may not be done here": "此处不允许该操作", "Redis does not answer": "Redis 没有应答", "This failed": "操作失败",
}
