package wechat

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// sample reads a file of the samples beside the project; without it the test
// is skipped.
func sample(t testing.TB, path string) string {
	t.Helper()
	lines, err := samples(path)
	if err != nil {
		t.Skipf("no %s beside the project: nothing to compare with", path)
	}
	return strings.Join(lines, "\n")
}

func samples(path string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", path))
	return strings.Split(strings.TrimSpace(string(data)), "\n"), err
}

func TestTheTableAgreesWithTheSharedOne(t *testing.T) {
	theirs := make(map[int]fault.Class)
	for row := range strings.Lines(sample(t, "wechat/errcodes.tsv")) {
		columns := strings.Split(strings.TrimSpace(row), "\t")
		if len(columns) < 4 || strings.HasPrefix(row, "#") {
			continue
		}
		code, err := strconv.Atoi(columns[0])
		if err != nil {
			if got := Lookup(12345).Class; columns[0] != "other" || string(got) != columns[1] {
				t.Errorf("row %q: an unknown code has class %s", columns[0], got)
			}
			continue
		}
		theirs[code] = fault.Class(columns[1])
		if got := Lookup(code).Class; got != theirs[code] {
			t.Errorf("%d has class %s, want %s", code, got, theirs[code])
		}
	}
	for _, c := range Codes() {
		if theirs[c.Code] != c.Class {
			t.Errorf("%d has class %s here and %q there", c.Code, c.Class, theirs[c.Code])
		}
	}
	if len(theirs) < 100 || len(theirs) != len(Codes()) {
		t.Errorf("%d codes there, %d here", len(theirs), len(Codes()))
	}
}

// seedCodes are the return codes that the project's first documents name.
var seedCodes = []int{-1, 0,
	40001, 40002, 40003, 40004, 40005, 40006, 40007, 40008, 40009, 40010, 40011, 40012, 40013, 40037,
	41001, 41002, 41003, 41004, 41005, 41006, 41028, 41029, 41030, 42001, 43002, 43003,
	44001, 44002, 44003, 45001, 45002, 45003, 45004, 45005, 45006, 45007, 45008, 45009, 46001, 47001}

func TestEveryCodeOfTheSeedsHasARow(t *testing.T) {
	for _, code := range seedCodes {
		if Lookup(code).Class == fault.Unknown {
			t.Errorf("%d has no row", code)
		}
	}
}

func TestTheSeedsNameNoOtherCode(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "seeds", "*.txt"))
	if len(files) == 0 {
		t.Skip("no seeds beside the project: nothing to compare with")
	}
	listed := regexp.MustCompile(`(?:^|[^0-9])([4-9][0-9]{4})[ \t]*\p{L}|"errcode":[ ]*(-?[0-9]+)`)
	found := make(map[int]bool)
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			for _, m := range listed.FindAllStringSubmatch(lines.Text(), -1) {
				code, _ := strconv.Atoi(m[1] + m[2])
				found[code] = true
			}
		}
		_ = f.Close()
	}
	if len(found) < 40 {
		t.Errorf("only %d codes were found in the seeds", len(found))
	}
	for code := range found {
		if !slices.Contains(seedCodes, code) || Lookup(code).Class == fault.Unknown {
			t.Errorf("the seeds name %d; it needs a row, and a place in seedCodes", code)
		}
	}
}

func TestEachCodeIsTold(t *testing.T) {
	codes := append(Codes(), foreignCodes...)
	for _, c := range append(codes, Lookup(99999)) {
		if c.English == "" || c.Chinese == "" || c.Does == "" {
			t.Errorf("%d lacks words: %+v", c.Code, c)
		}
		if held := c.Hold.Scope != message.ScopeNone; held != (c.Class == fault.Account || c.Code == 43107 || c.Code == 43116) {
			t.Errorf("%d of class %s holds %q", c.Code, c.Class, c.Hold.Scope)
		}
	}
	if !slices.IsSortedFunc(Codes(), func(a, b Code) int { return a.Code - b.Code }) {
		t.Error("Codes is not in rising order")
	}
}

func TestNoCodeStandsTwice(t *testing.T) {
	seen := make(map[int]bool)
	for _, c := range slices.Concat(answerCodes, retryCodes, userCodes, payloadCodes, templateCodes, accountCodes, endCodes, foreignCodes) {
		if seen[c.Code] {
			t.Errorf("%d stands twice", c.Code)
		}
		seen[c.Code] = true
	}
}

func TestHowFarAndLongACodeHolds(t *testing.T) {
	for code, want := range map[int]message.Hold{
		40001: {},
		40013: {Scope: message.ScopeAccount},
		40164: {Scope: message.ScopeAccount},
		41032: {Scope: message.ScopeKind},
		41034: {Scope: message.ScopeKind},
		41035: {Scope: message.ScopeKind},
		48001: {Scope: message.ScopeKind},
		48004: {Scope: message.ScopeKind},
		50001: {Scope: message.ScopeAccount},
		89501: {Scope: message.ScopeAccount, For: 10 * time.Minute},
		89505: {Scope: message.ScopeAccount, For: 10 * time.Minute},
		89506: {Scope: message.ScopeAccount, For: 24 * time.Hour},
		89507: {Scope: message.ScopeAccount, For: time.Hour},
		99999: {},
	} {
		if got := Lookup(code).Hold; got != want {
			t.Errorf("%d holds %+v, want %+v", code, got, want)
		}
	}
}
