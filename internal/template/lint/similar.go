package lint

import "strings"

// tooMuch is the likeness from which two texts are too similar.
const tooMuch = 0.8

// opposites tell two services apart though the texts differ in one character.
var opposites = pairs("收付 收发 收寄 到离 到发 起止 起终 始终 上下 进出 入出 买卖 前后 新旧 开关 早晚 男女 升降 大小 多少 首末 正副 主副 左右 成失 去回 往返 借还 入离 存取 充提 款货 日月 月年 日年 省市 市区 单双 高低 长短 内外 增减 加减 应实")

// turns are characters that turn a text into its opposite when they are added.
const turns = "不未无非已再补复首末预退"

func pairs(text string) map[[2]rune]bool {
	table := map[[2]rune]bool{}
	for _, pair := range strings.Fields(text) {
		runes := []rune(pair)
		table[[2]rune{runes[0], runes[1]}], table[[2]rune{runes[1], runes[0]}] = true, true
	}
	return table
}

// Similarity is how alike two texts are, from 0 to 1: 1 − (edit distance ÷
// length of the longer), in characters.
func Similarity(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	longer := max(len(x), len(y))
	if longer == 0 {
		return 1
	}
	return 1 - float64(distance(x, y))/float64(longer)
}

// tooSimilar judges folded texts.
func tooSimilar(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if opposed(x, y) {
		return false
	}
	if Similarity(a, b) >= tooMuch {
		return true
	}
	shorter := min(len(x), len(y))
	return shorter >= 3 && max(len(x), len(y)) == shorter+1 && distance(x, y) == 1
}

// opposed tells whether two texts differ in characters that tell opposites
// apart: digits, pairs such as 收 and 付, or one that turns the meaning.
func opposed(x, y []rune) bool {
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	switch {
	case len(x) == 1 && len(y) == 1:
		return opposites[[2]rune{x[0], y[0]}]
	case len(x)+len(y) == 1:
		return strings.ContainsRune(turns, append(x, y...)[0])
	}
	return false
}

// distance is how many characters must be put in, taken out or changed.
func distance(x, y []rune) int {
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		corner := row[0]
		row[0] = i + 1
		for j := range y {
			cost := corner
			if x[i] != y[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(y)]
}
