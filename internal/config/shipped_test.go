package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"wxdispatch/internal/message"
)

var shipped = filepath.Join("..", "..", ConfigFile)

func TestShippedFileIsTheDefaultsAndTwoAccounts(t *testing.T) {
	got, err := Load(Options{File: shipped})
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.File = shipped
	for name, kind := range map[string]message.AccountType{"shop": message.Official, "mini": message.MiniProgram} {
		account := AccountDefaults(want.WeChat)
		account.Type = kind
		want.Accounts[name] = account
	}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

// Every key stands in the shipped file, or, where writing it down would say
// something else than the default, in one of its comments.
func TestShippedFileNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	root, err := parseYAML(text)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{root: configShape(), wrong: newMistakes(), names: names{}}
	r.group(root, r.root, "")
	r.root.leaves("", func(path string) {
		key := path[strings.LastIndexByte(path, '.')+1:]
		place := strings.ReplaceAll(path, "accounts.NAME", "accounts.shop")
		written := r.wrong.origin[place] != ""
		commented := regexp.MustCompile(`(?m)^ +# +` + key + `: `).Match(text)
		quota := strings.Contains(path, ".daily_quota.")
		if !written && !commented && !quota && !strings.HasSuffix(key, "_file") {
			t.Errorf("config.yaml does not name %s", place)
		}
	})
}
