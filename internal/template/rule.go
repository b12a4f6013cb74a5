package template

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rule is what a typed keyword takes: WeChat answers 47003 to anything else.
type Rule struct {
	Type    string // thing, number …: a placeholder's name without its number
	Allowed string // in words
	fits    func(value string) bool
}

// Fits tells whether WeChat takes the value. None takes an empty one.
func (r Rule) Fits(value string) bool { return strings.TrimSpace(value) != "" && r.fits(value) }

// ruleTable is WeChat's own, of subscription messages and category templates.
var ruleTable = []Rule{
	{"thing", "at most 20 characters", upTo(20, anything)},
	{"number", "a number of at most 32 digits, with or without decimals", upTo(32, numberPattern.MatchString)},
	{"letter", "at most 32 letters", upTo(32, each(isLatin))},
	{"symbol", "at most 5 symbols", upTo(5, each(isMark))},
	{"character_string", "at most 32 digits, letters and symbols", upTo(32, each(isPlain))},
	{"time", "a time of day as 15:01, with or without a date, or two of them with ~ between", isTime},
	{"date", "a date as 2026年11月22日, with or without a time of day as 15:01, or two of them with ~ between", isDate},
	{"amount", "one currency sign or none, at most 10 digits, with or without decimals, 元 at the end or not", amountPattern.MatchString},
	{"phone_number", "at most 17 digits and symbols", upTo(17, isPhone)},
	{"car_number", "at most 8 characters: letters and digits, the first and the last may be Chinese", isPlate},
	{"name", "at most 10 characters with Chinese ones, or at most 20 letters and symbols; no digits", isPerson},
	{"phrase", "at most 5 Chinese characters", upTo(5, each(isHan))},
	{"const", "at most 20 characters, one of the values that the template allows", upTo(20, anything)},
}

// RuleOf returns the rule of a placeholder: thing1 has that of thing. Names of
// old templates (keyword1, first, User) have none.
func RuleOf(name string) (Rule, bool) {
	kind := strings.TrimRight(name, "0123456789")
	if kind == name {
		return Rule{}, false
	}
	return RuleNamed(kind)
}

// RuleNamed returns the rule of a type, as thing.
func RuleNamed(kind string) (Rule, bool) {
	for _, r := range ruleTable {
		if r.Type == kind {
			return r, true
		}
	}
	return Rule{}, false
}

// upTo allows so many characters.
func upTo(most int, fits func(string) bool) func(string) bool {
	return func(value string) bool { return utf8.RuneCountInString(value) <= most && fits(value) }
}

// each asks every character.
func each(fits func(rune) bool) func(string) bool {
	return func(value string) bool {
		for _, c := range value {
			if !fits(c) {
				return false
			}
		}
		return true
	}
}

func anything(string) bool { return true }

func isHan(c rune) bool   { return unicode.Is(unicode.Han, c) }
func isLatin(c rune) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
func isDigit(c rune) bool { return c >= '0' && c <= '9' }
func isMark(c rune) bool  { return unicode.IsPunct(c) || unicode.IsSymbol(c) }
func isPlain(c rune) bool { return isLatin(c) || isDigit(c) || isMark(c) || c == ' ' }

var (
	numberPattern = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)
	amountPattern = regexp.MustCompile(`^[+-]?\p{Sc}?[0-9]{1,10}(\.[0-9]+)?元?$`)
)

func isPhone(value string) bool {
	return strings.ContainsAny(value, "0123456789") && each(func(c rune) bool { return isDigit(c) || isMark(c) || c == ' ' })(value)
}

func isPlate(value string) bool {
	runes := []rune(value)
	for i, c := range runes {
		if !isLatin(c) && !isDigit(c) && !(isHan(c) && (i == 0 || i == len(runes)-1)) {
			return false
		}
	}
	return len(runes) <= 8
}

// isPerson counts a name with one Chinese character as Chinese.
func isPerson(value string) bool {
	most := 20
	for _, c := range value {
		switch {
		case isHan(c):
			most = 10
		case !unicode.IsLetter(c) && !isMark(c) && c != ' ':
			return false
		}
	}
	return utf8.RuneCountInString(value) <= most
}

const (
	datePart  = `(?:(?:([0-9]{4})年)?([0-9]{1,2})月([0-9]{1,2})[日号]|([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2}))`
	clockPart = `([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?`
)

var momentPattern = regexp.MustCompile(`^\s*` + datePart + `?\s*(?:` + clockPart + `)?\s*$`)

// moment reads a date, a time of day or both.
func moment(text string) (date, clock, ok bool) {
	m := momentPattern.FindStringSubmatch(text)
	if m == nil {
		return false, false, false
	}
	date, clock = m[2]+m[5] != "", m[7] != ""
	valid := within(m[2]+m[5], 1, 12) && within(m[3]+m[6], 1, 31) && within(m[7], 0, 24) && within(m[8], 0, 59) && within(m[9], 0, 59)
	return date, clock, valid && (date || clock)
}

// within tells whether a number that may be missing is in bounds.
func within(digits string, least, most int) bool {
	n, err := strconv.Atoi(digits)
	return digits == "" || err == nil && n >= least && n <= most
}

// moments reads one moment, or two with ~ between.
func moments(value string) (date, clock, ok bool) {
	from, to, period := strings.Cut(strings.ReplaceAll(value, "～", "~"), "~")
	date, clock, ok = moment(from)
	if ok && period {
		_, _, ok = moment(to)
	}
	return date, clock, ok
}

// isTime takes a date alone, too, as WeChat does in the field.
func isTime(value string) bool {
	_, _, ok := moments(value)
	return ok
}

func isDate(value string) bool {
	date, _, ok := moments(value)
	return ok && date
}
