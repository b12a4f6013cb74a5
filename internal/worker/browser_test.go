package worker_test

import (
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium with one page, which somebody with a login
// looks at.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// look is how the page is looked at.
type look struct {
	language string
	dark     bool
	width    int64
}

// openBrowser starts a Chromium that ends with the test. Where there is none the
// test is skipped, unless WXDISPATCH_TEST_REQUIRE_CHROMIUM is set. The name
// ops.test leads to this machine.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("WXDISPATCH_TEST_REQUIRE_CHROMIUM") != "" {
			t.Fatal("no Chromium is on the PATH, and WXDISPATCH_TEST_REQUIRE_CHROMIUM asks for it: apt-get install chromium")
		}
		t.Skip("no Chromium is on the PATH: the pages are not looked at in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(60*time.Second), chromedp.Flag("host-resolver-rules", "MAP ops.test 127.0.0.1"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closePage := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		closePage()
		stop()
	})
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Run(ctx); err != nil { // not in do: the browser lives as long as the context of its first Run
		t.Fatalf("Chromium does not start: %v", err)
	}
	return b
}

// do carries actions out, within a time that a slow machine keeps, too.
func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		shown := ""
		later, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		defer cancel()
		_ = chromedp.Run(later, chromedp.Text("body", &shown, chromedp.ByQuery))
		b.t.Fatalf("%v; the page shows:\n%s", err, shown)
	}
}

// as sets who looks and how.
func (b *browser) as(user, password string, l look) {
	b.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	headers := network.Headers{"Accept-Language": l.language}
	if user != "" {
		headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	b.do(network.Enable(), network.SetExtraHTTPHeaders(headers),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.EmulateViewport(l.width, 900))
}

// goTo opens a page and waits for its end.
func (b *browser) goTo(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitVisible("footer", chromedp.ByQuery))
}

// text is what a part of the page shows.
func (b *browser) text(part string) (shown string) {
	b.t.Helper()
	b.do(chromedp.Text(part, &shown, chromedp.ByQuery))
	return shown
}

// wants that the page shows words.
func (b *browser) wants(words ...string) {
	b.t.Helper()
	shown := b.text("body")
	for _, w := range words {
		if !strings.Contains(shown, w) {
			b.t.Errorf("the page lacks %q:\n%s", w, shown)
		}
	}
}

// press clicks what a path of XPath names and waits for what is to be there
// then, another one.
func (b *browser) press(what, then string) {
	b.t.Helper()
	b.do(chromedp.Click(what, chromedp.BySearch), chromedp.WaitVisible(then, chromedp.BySearch))
}

// fits checks that nothing sticks out of the page, and keeps a picture where
// WXDISPATCH_TEST_PICTURES names a folder.
func (b *browser) fits(name string) {
	b.t.Helper()
	over := 0
	b.do(chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &over))
	if over > 0 {
		b.t.Errorf("%s is %d pixels wider than the screen", name, over)
	}
	folder := os.Getenv("WXDISPATCH_TEST_PICTURES")
	if folder == "" {
		return
	}
	var picture []byte
	b.do(chromedp.FullScreenshot(&picture, 100))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
