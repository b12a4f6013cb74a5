package admin

import "wxdispatch/internal/message"

// words is the overview in one language.
type words struct {
	Tag                                           string // the language, as in HTML
	Title, Version, Refreshed                     string
	Queues, Metrics, Readiness                    string
	Kind, StateHead                               string
	Pending, Scheduled, Active, Waiting, Archived string
	Oldest, PerSecond, InDoubt, BadEnds           string
	NoAccounts, Partial, Draining                 string
	states                                        map[State]string
	types                                         map[message.AccountType]string
}

// State returns the word for a lane's state.
func (w *words) State(s State) string { return known(w.states, s) }

// Type returns the word for an account's type.
func (w *words) Type(t message.AccountType) string { return known(w.types, t) }

// known returns what a table says of a key, or the key.
func known[K ~string](table map[K]string, key K) string {
	if word, ok := table[key]; ok {
		return word
	}
	return string(key)
}

var english = &words{
	Tag: "en", Title: "Overview", Version: "version", Refreshed: "Refreshes every 5 seconds. As of",
	Queues: "Queues", Metrics: "Metrics", Readiness: "Readiness",
	Kind: "Kind", StateHead: "State", Pending: "Pending", Scheduled: "Scheduled", Active: "Active",
	Waiting: "Waiting", Archived: "Archived", Oldest: "Oldest", PerSecond: "messages a second", InDoubt: "in doubt", BadEnds: "bad ends",
	NoAccounts: "No account is configured.",
	Partial:    "Some figures are missing: Redis did not answer in time. The worker's log tells more.",
	Draining:   "This worker is shutting down. It takes nothing new.",
	states:     map[State]string{Running: "running", Parked: "parked", Stopped: "stopped", Failing: "no Redis"},
	types:      map[message.AccountType]string{message.Official: "official account", message.MiniProgram: "mini program"},
}

var chinese = &words{
	Tag: "zh-CN", Title: "总览", Version: "版本", Refreshed: "每 5 秒刷新一次。截至",
	Queues: "队列", Metrics: "指标", Readiness: "就绪状态",
	Kind: "类型", StateHead: "状态", Pending: "待发送", Scheduled: "定时", Active: "发送中",
	Waiting: "等待重试", Archived: "已归档", Oldest: "最早一条已等待", PerSecond: "条/秒", InDoubt: "存疑", BadEnds: "异常结束",
	NoAccounts: "尚未配置账号。",
	Partial:    "部分数据缺失：Redis 未能及时应答，详见 worker 日志。",
	Draining:   "该 worker 正在退出，不再接收新消息。",
	states:     map[State]string{Running: "运行中", Parked: "已暂停", Stopped: "未运行", Failing: "Redis 无应答"},
	types:      map[message.AccountType]string{message.Official: "公众号", message.MiniProgram: "小程序"},
}
