package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
)

// forms are n rows, numbered from a number on; each hundredth is oUser's.
func forms(from, n int) string {
	var b strings.Builder
	for i := from; i < from+n; i++ {
		user := "oUser"
		if i%100 != 0 {
			user = fmt.Sprintf("o%d", i)
		}
		fmt.Fprintf(&b, "{\"openid\":%q,\"code\":\"f%d\"}\n", user, i)
	}
	return b.String()
}

// consent is a row that counts each time.
const consent = `{"openid":"oUser","type":"consent","template_id":"tpl"}` + "\n"

func TestPermitsOfAFile(t *testing.T) {
	eachPlant(t, func(p *plant) {
		file := write(p.t, "permits.ndjson", strings.Join([]string{
			"\xef\xbb\xbf" + `{"openid":"oUser","code":"form-1","issued_at":"` + ago(0) + `"}`,
			`{"openid":"oUser",`,
			`{"openid":"oUser","type":"payment","code":"prepay_id=up1"}`,
			``,
			`{"openid":"oUser","code":"the formId is a mock one"}`,
			`{"openid":"oUser","form_id":"form-2"}`,
			`{"code":"form-3","count":0}`,
			`{"openid":"oUser","type":"consent","template_id":"tpl","code":"order-1"}`,
			`{"openid":"oUser","code":"up1"}`,
		}, "\r\n"))
		told := []string{
			file + ":2: line 2, at its end: the JSON ends too early",
			file + ":5: code: found the mock form id",
			file + ":6: form_id: unknown field; did you mean code?",
			file + ":7: openid: missing; it is the user's openid",
			file + ":7: count: found the number 0; allowed is a whole number from 1 to 1000",
		}
		p.run("", "permit", "add", "mini", "--file", file).exits(exitRefused).says(told...).
			prints("8 permits (3 added, 1 known already, 4 refused)\n")
		p.wantLeft(1 + 3 + 1)

		got := p.run("", "permit", "add", "mini", "--file", file, "--json").exits(exitRefused).says(told...).
			says("8 permits (0 added, 4 known already, 4 refused)")
		for i, line := range []int{1, 2, 3, 5, 6, 7, 8, 9} {
			result := got.lines()[i]
			bad := line == 2 || line >= 5 && line <= 7
			if result["source"] != fmt.Sprintf("%s:%d", file, line) || result["known"] != !bad || (result["error"] != nil) != bad {
				p.t.Errorf("line %d: %v", line, result)
			}
		}
		p.wantLeft(1 + 3 + 1)
	})
}

func TestPermitsOfStandardInput(t *testing.T) {
	s := miniShell(t)
	s.run("", "permit", "add", "mini", "--file", "-").exits(exitOK).prints("0 permits (0 added, 0 known already, 0 refused)\n")
	s.run(forms(0, 410)+consent, "permit", "add", "mini", "--file", "-").exits(exitOK).prints("411 permits (411 added, 0 known already, 0 refused)\n")
	s.run(forms(0, 410)+consent, "permit", "add", "mini", "--file", "-").exits(exitOK).prints("411 permits (1 added, 410 known already, 0 refused)\n")
	s.wantLeft(5 + 2)
	s.run("["+strings.ReplaceAll(strings.TrimSpace(forms(9000, 2)), "\n", ",")+"]", "permit", "add", "mini", "--file", "-").exits(exitOK).prints("2 permits (2 added, 0 known already, 0 refused)\n")
}

// A row that breaks off at a colon takes the next one with it, which is told.
func TestARowThatTakesTheNextWithIt(t *testing.T) {
	s := miniShell(t)
	text := `{"openid":"oUser","code":` + "\n" + forms(0, 1) + "\n" + forms(1, 1)
	s.run(text, "permit", "add", "mini", "--file", "-").exits(exitRefused).
		says("stdin:1: line ", "the JSON ends too early; a bracket or a quote is missing; lines 1 to ", "were passed over").
		prints("2 permits (1 added, 0 known already, 1 refused)\n")
}

func (s *shell) runFrom(ctx context.Context, stdin io.Reader, args ...string) ran {
	s.t.Helper()
	var out, err strings.Builder
	return within(s.t, func() ran {
		code := run(ctx, args, stdin, &out, &err, s.environ)
		return ran{s.t, code, out.String(), err.String()}
	})
}

func TestInterruptedPermitsTellHowFarTheyCame(t *testing.T) {
	s := miniShell(t)
	for _, c := range []struct {
		rows, left int
		words      string
	}{
		{210, 2, "200 permits (200 added, 0 known already, 0 refused) were dealt with, up to stdin:200\n"},
		{10, 2, "nothing was dealt with before\n"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		stdin := &handed{forms(0, c.rows), cancel, make(chan struct{})}
		got := s.runFrom(ctx, stdin, "permit", "add", "mini", "--file", "-")
		close(stdin.end)
		got.exits(exitOurs).says("interrupted\n", c.words, "repeat the command: a code that is known already changes nothing\n").prints("")
		s.wantLeft(c.left)
	}
}

func TestRedisGoesWhilePermitsAreAdded(t *testing.T) {
	server := miniredis.RunT(t)
	addr := server.Addr()
	s := newShell(t, addr)
	rest := strings.TrimPrefix(consent, "{") + forms(200, 2)
	stdin := &firstThen{[]string{forms(0, 200) + "{", rest}, server.Close}
	got := s.runFrom(t.Context(), stdin, "permit", "add", "mini", "--file", "-").exits(exitOurs).says(
		"Redis does not answer at "+addr,
		"200 permits (200 added, 0 known already, 0 refused) were dealt with, up to stdin:200; of the 3 rows from stdin:201 on some may have been taken in",
		"repeat the command: a code that is known already changes nothing, but consents without a code (1) would count again")
	if got.out != "" {
		t.Errorf("a sum is printed: %q", got.out)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	s.run(forms(0, 202), "permit", "add", "mini", "--file", "-").exits(exitOK).prints("202 permits (2 added, 200 known already, 0 refused)\n")
}

func TestPermitsWithoutRedis(t *testing.T) {
	s := newShell(t, "127.0.0.1:1")
	for _, args := range [][]string{{"add", "mini", "oUser", "--code", "f"}, {"list", "mini", "oUser"}, {"remove", "mini", "oUser", "--code", "f"}} {
		s.run("", append([]string{"permit"}, args...)...).exits(exitOurs).says("Redis does not answer at 127.0.0.1:1").prints("")
	}
}

func TestObjectLines(t *testing.T) {
	file := write(t, "rows.ndjson", forms(0, 3)+"\n  \nx\n"+`{"openid":"`+strings.Repeat("x", 100_000)+`{"}`)
	if n := objectLines(file); n != 4 {
		t.Errorf("%d rows are expected, want 4", n)
	}
	if n := objectLines(t.TempDir()) + objectLines("missing.ndjson"); n != 0 {
		t.Errorf("%d rows are expected of no file", n)
	}
}
