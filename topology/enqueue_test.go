package topology_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/wechat/wechattest"
)

// program is enqueue as users have it: built, and steered by variables.
type program struct {
	t    *testing.T
	path string
	env  []string
}

// enqueue builds the program for the stage's Redis and accounts.
func (s *stage) enqueue() *program {
	s.t.Helper()
	p := &program{t: s.t, path: filepath.Join(s.t.TempDir(), "enqueue")}
	build := exec.CommandContext(s.t.Context(), "go", "build", "-o", p.path, "./cmd/enqueue")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	r := s.cfg.Redis
	for name, value := range map[string]string{"REDIS_MODE": r.Mode, "REDIS_ADDRS": strings.Join(r.Addrs, ","),
		"REDIS_WAIT_REPLICAS": fmt.Sprint(r.WaitReplicas), "WECHAT_BASE_URL": s.sim.URL} {
		p.env = append(p.env, "WXDISPATCH_"+name+"="+value)
	}
	for name, kind := range types {
		for key, value := range map[string]string{"TYPE": string(kind), "APPID": "wx" + name, "SECRET": secret} {
			p.env = append(p.env, "WXDISPATCH_ACCOUNTS_"+strings.ToUpper(name)+"_"+key+"="+value)
		}
	}
	return p
}

// says runs a command line, and wants an exit code and words on either output.
func (p *program) says(stdin, line string, code int, words ...string) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.path, strings.Fields(line)...)
	cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.t.TempDir(), strings.NewReader(stdin)
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		p.t.Errorf("enqueue %s: %v, want exit %d\n%s", line, cmd.ProcessState, code, out)
	}
	for _, word := range words {
		if !bytes.Contains(out, []byte(word)) {
			p.t.Errorf("enqueue %s does not say %q:\n%s", line, word, out)
		}
	}
}

// commands runs every command of enqueue once, in several accounts.
func (s *stage) commands(p *program) {
	p.t = s.t
	s.sendCommands(p)
	s.batchCommands(p)
	s.endCommands(p)
	s.userCommands(p)
	s.accountCommands(p)
	s.templateCommands(p)
}

func inAnHour() string { return time.Now().Add(time.Hour).Format(time.RFC3339) }

func (s *stage) sendCommands(p *program) {
	p.says(lines("cmd", 9), "send --wait 1m", 0, "accepted")
	p.says("", "send --account shop --kind template --to oflag --template tpl --data k=v --id flag --at "+inAnHour(), 0, "flag")
	p.says("", "cancel shop flag", 0, "cancelled")
	p.says("", "status vip cmd-1", 0, "accepted")
	p.says("", "status mini cmd-2 --proof", 0, "errcode")
	p.says("", "find shop ocmd-0", 0, "cmd-0")
	p.says("", "send --account mini --kind subscribe --to o --template tpl --data thing1=x --print", 0, "/cgi-bin/message/subscribe/send")
}

func (s *stage) batchCommands(p *program) {
	list := lines("bulk", 60)
	p.says(list, "bulk - --batch bulk --dry-run", 0, "60")
	p.says(list, "bulk - --batch bulk", 0, "60")
	p.says("", "batch watch vip bulk", 0, "done")
	p.says("", "batch list shop", 0, "bulk")
	p.says("", "batch show vip bulk", 0, "accepted")
	p.says("", "batch export mini bulk", 0, "20")
	p.says("", "send --account vip --kind template --to o --template tpl --data k=v --id waits --batch cut --at "+inAnHour(), 0)
	p.says("", "batch pause vip cut", 0, "is paused")
	p.says("", "batch resume vip cut", 0, "is running")
	p.says("", "batch cancel vip cut --yes", 0, "is cancelled")
	file := filepath.Join(s.t.TempDir(), "spring.csv")
	if err := os.WriteFile(file, []byte("用户,内容\nospring-1,春\nospring-2,夏\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	mapped := "bulk " + file + " --account shop --kind template --template tpl --map 用户=touser --map 内容=data.k"
	p.says("", mapped+" --test-to otest", 0, "accepted")
	p.says("", mapped+" --rate 50", 0, "2")
	p.says("", "batch watch shop spring", 0, "done")
	p.says("", "find shop ospring-2", 0, "accepted", "template")
}

func (s *stage) endCommands(p *program) {
	for _, code := range []string{"oreplay", "ofilter"} {
		s.sim.Inject(wechattest.Fault{OpenID: code, Code: 43004, Times: 1})
	}
	s.sim.Inject(wechattest.Fault{OpenID: "omaybe", Mode: wechattest.ModeCut, Counted: true, Times: 1})
	p.says(written("shop", "replay", "")+written("vip", "filter", "")+written("mini", "maybe", ""), "send --wait 1m", 3, "refused", "in_doubt")
	p.says("", "failed shop --errcode 43004", 0, "replay")
	p.says("", "replay shop replay", 0)
	p.says("", "replay vip --errcode 43004 --yes", 0)
	p.says("", "resolve mini maybe --drop", 0, "failed")
}

func (s *stage) userCommands(p *program) {
	p.says("", "permit add mini ocmd --type form --code command-form", 0)
	p.says("", "permit list mini ocmd", 0, "command-form")
	p.says("", "permit remove mini ocmd --code command-form", 0)
	p.says(`{"openid":"ocmd","type":"consent","template_id":"tpl","count":2}`, "permit add mini --file -", 0)
	p.says("", "permit remove mini ocmd --template tpl", 0)
	p.says("", "suppress add shop oquiet --template tpl", 0)
	p.says("", "suppress list shop oquiet", 0, "tpl")
	p.says("", "suppress remove shop oquiet --template tpl", 0)
}

func (s *stage) accountCommands(p *program) {
	p.says("", "account list", 0, "shop", "vip", "mini")
	p.says("", "account park shop --kind template --reason trying --until 1h", 0, "parked")
	p.says("", "account show shop", 0, "trying")
	p.says("", "account unpark shop", 0)
	p.says("", "account set vip --rate 40 --quota template=5000 --for 1h", 0, "5000")
	p.says("", "account set vip --reset", 0)
	p.says("", "account quota vip", 0, "template")
	p.says("", "account clear-quota vip --yes", 0)
	p.says("", "account log vip", 0, "clear_quota", "5000 a day")
}

func (s *stage) templateCommands(p *program) {
	const known = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
	p.says("", "template library mini --search 订单支付", 0, "AT0003")
	p.says("", "template keywords mini AT0003", 0, "支付金额")
	p.says("", "template add mini AT0003 --keywords 2,1", 0)
	p.says("", "template list shop", 0, known)
	p.says("", "template render shop "+known+" --data User=x", 3, "data.Date: missing")
	p.says("", "template lint mini", 0)
	p.says(`{"title":"您的优惠券到账!"}`, "template lint -", 3, "title-ending")
	p.says("", "template park vip "+known+" --reason trying", 0)
	p.says("", "template unpark vip "+known, 0)
	p.says("", "template delete vip "+known+" --yes", 0, "deleted")
}
