package wechat

import (
	"cmp"
	"maps"
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Code is what one of WeChat's errcodes means to a dispatcher of messages.
type Code struct {
	Code    int
	Class   fault.Class
	English string       // what it means
	Chinese string       // the same for Chinese readers
	Does    string       // what the dispatcher does about it
	Hold    message.Hold // class account: what stops, and how long to leave WeChat alone
}

// words are what tells the codes of one row group apart.
type words struct {
	code             int
	english, chinese string
}

// group makes the codes that share their class and treatment.
func group(class fault.Class, does string, hold message.Hold, codes ...words) []Code {
	made := make([]Code, 0, len(codes))
	for _, w := range codes {
		made = append(made, Code{Code: w.code, Class: class, English: w.english,
			Chinese: w.chinese, Does: does, Hold: hold})
	}
	return made
}

var (
	table   = index(answerCodes, retryCodes, userCodes, payloadCodes, templateCodes, accountCodes, endCodes)
	foreign = index(foreignCodes)
)

func index(groups ...[]Code) map[int]Code {
	m := make(map[int]Code)
	for _, c := range slices.Concat(groups...) {
		m[c.Code] = c
	}
	return m
}

// Lookup returns what code means. A code that is in no table has class unknown
// and words that say so.
func Lookup(code int) Code {
	if c, ok := table[code]; ok {
		return c
	}
	if c, ok := foreign[code]; ok {
		return c
	}
	return Code{Code: code, Class: fault.Unknown,
		English: "a code that this version does not know",
		Chinese: "本版本尚未收录的返回码",
		Does:    doesUnknown}
}

// Codes returns every code whose class is known, in rising order.
func Codes() []Code {
	return slices.SortedFunc(maps.Values(table), func(a, b Code) int { return cmp.Compare(a.Code, b.Code) })
}
