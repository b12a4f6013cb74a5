package admin

// chineseSentences are what people can be told on these pages that something
// else says: forms that cannot be read, and what the rooms below refuse.
var chineseSentences = map[string]string{
	// what is read by name
	"nobody knows it; known here are %s":                                                      "没有这个参数；此处可用：%s",
	"stands more than once; keep one of them":                                                 "出现了多次；请只保留一个",
	"found %q; write a whole number":                                                          "收到 %s；请填写整数",
	"found %q; bad ends are %s":                                                               "收到 %s；异常结束的状态有：%s",
	"found %q; allowed are 1 to 64 of A-Za-z0-9_.:-":                                          "收到 %s；须为 1 至 64 个字符，可用 A-Za-z0-9_.:-",
	"found %q; allowed are 1 to 128 of ASCII's visible characters, without spaces":            "收到 %s；须为 1 至 128 个 ASCII 可见字符，不含空格",
	"found %q; allowed are %s":                                                                "收到 %s；可用：%s",
	"found %q; write it as 2026-11-22T20:00:00+08:00, or as 24h or 3d (ago)":                  "收到 %s；请写成 2026-11-22T20:00:00+08:00，或以前多久，如 24h、3d",
	"found %q; write it as 30m, 24h or 3d, up to 365d, or leave it out":                       "收到 %s；请写成 30m、24h 或 3d，最长 365d，或留空",
	"found %q; write an account's name, as the overview shows it":                             "收到 %s；请填写账号名，如总览所示",
	"is empty; allowed are %s":                                                                "为空；可用：%s",
	"is empty; count them first, then act on those that were counted":                         "为空；请先统计，再处理已统计的消息",
	"the form cannot be read; send it from the page again":                                    "表单无法读取；请在页面上重新提交",
	"doubts are not sent again, since they may have arrived; end them from their list":        "存疑消息可能已送达，不会直接重发；请在存疑列表中处理",
	"the message has changed since you looked at it; look again, then say how the doubt ends": "该消息在您查看之后已有变化；请重新查看，再决定如何处理",

	// who may change something
	"these pages are read-only; set worker.ui: read_write to change something from them":                                                "页面为只读；要在此操作，请设置 worker.ui: read_write",
	"this change comes from a page of another site and was refused; use the pages of this worker":                                       "该操作来自其他网站的页面，已拒绝；请使用本 worker 的页面",
	"without worker.user changes are taken at an address or localhost only, not under the name %s; set worker.user and worker.password": "未设置 worker.user 时，只接受通过 IP 地址或 localhost 的操作，不接受域名 %s；请设置 worker.user 和 worker.password",

	// accounts
	"no account %s is known; known are %s": "没有账号 %s；已知账号：%s",
	"no account %s is known, nor any other; start a worker once, which announces its accounts, or name the account in the configuration": "没有账号 %s，也没有其他账号；请启动一次 worker 以登记账号，或在配置中写明该账号",
	"found %q; account %s (%s) sends %s":                                  "收到 %s；账号 %s（%s）可发送：%s",
	"has %d bytes; say in 1 to %d why, for whoever finds the lane parked": "共 %s 字节；请用 1 至 %s 字节写明原因，供发现暂停的人了解",
	"is over already; give a time to come, or leave it out":               "已经过去；请填写将来的时间，或留空",

	// batches
	"account %s has no batch %s: none was ever brought, or it was done longer ago than message.keep; enqueue batch list %s tells those that are there": "账号 %s 没有批次 %s：从未提交过，或完成已超过 message.keep；enqueue batch list %s 可列出现有批次",
	"the batch %s was cancelled, which is for good; what was not sent can be handed over again in another batch":                                       "批次 %s 已被永久取消；未发送的消息可放入另一批次重新提交",
	"the batch %s was cancelled and takes no more messages; give another batch, or none":                                                               "批次 %s 已取消，不再接收消息；请使用其他批次，或不用批次",

	// messages, sent again or no longer in doubt
	"account %s has no message %s: it was never taken, or ended longer ago than message.keep": "账号 %s 没有消息 %s：从未接收过，或结束已超过 message.keep",
	"it is %s, not in_doubt; there is no doubt to end":                                        "状态为 %s，不是 in_doubt；没有需要处理的存疑",
	"its content is no longer kept; hand it over again under a new id":                        "内容已不再保留；请以新 id 重新提交",
	"its expires_at, %s, is over; hand it over under a new id with a later one":               "其 expires_at（%s）已过；请以新 id 和更晚的时间重新提交",
	"its record is no longer kept":                                                            "记录已不再保留",
	"it is %s; only bad ends are replayed":                                                    "状态为 %s；只有异常结束的消息才能重新发送",
	"it is under way (%s)":                                                                    "正在处理中（%s）",
	"it is in_doubt and may have arrived; end the doubt with resolve":                         "该消息存疑，可能已送达；请先处理存疑",
	"it was cancelled; hand it over again under a new id":                                     "已取消；请以新 id 重新提交",
	"it ended again as %s after this replay began":                                            "在本次重新发送开始之后又以 %s 结束",
}
