package config

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"wxdispatch/internal/fault"
)

const loadOp = "config.load"

// Options says where to read. The zero value reads config.yaml in the working
// directory, if there is one, and no environment.
type Options struct {
	File string   // what --config named; empty: WXDISPATCH_CONFIG, else config.yaml in Dir if it exists
	Env  []string // as os.Environ returns it
	Dir  string   // the working directory, which relative paths start from; empty: the process's
}

// Load reads the file and the environment, which wins, over the defaults. Its
// error has class invalid and tells every mistake of both; YAML that cannot be
// read at all is told alone, with its line.
func Load(opts Options) (*Config, error) {
	cfg, _, err := read(opts)
	return cfg, err
}

// read also names the files that it read, or tried to.
func read(opts Options) (*Config, []string, error) {
	l := &loader{dir: opts.Dir, layers: viper.New(), shape: configShape(), wrong: newMistakes(), names: names{}}
	file := findFile(opts)
	if err := l.readFile(file); err != nil {
		return nil, l.files, err
	}
	l.readEnv(opts.Env)
	cfg := l.config()
	cfg.File = file
	cfg.check(l.wrong)
	if err := l.wrong.err(loadOp, file); err != nil {
		return nil, l.files, err
	}
	return cfg, l.files, nil
}

// loader gathers what was written, as texts, in viper's layers: the file's
// below the environment's.
type loader struct {
	dir    string
	layers *viper.Viper
	shape  *shape
	wrong  *mistakes
	names  names
	files  []string // that were read
}

func (l *loader) readFile(file string) error {
	if file == "" {
		return nil
	}
	text, err := l.read(file)
	if err != nil {
		return &fault.Error{Op: loadOp, Class: fault.Invalid, Message: "the configuration file cannot be read", Err: err}
	}
	root, err := parseYAML(text)
	if err != nil {
		return &fault.Error{Op: loadOp, Class: fault.Invalid, Message: file + " is not YAML", Err: err}
	}
	if root == nil {
		return nil
	}
	r := &reader{file: filepath.Base(file), root: l.shape, wrong: l.wrong, names: l.names}
	tree := r.group(root, l.shape, "")
	if err := l.layers.MergeConfigMap(tree); err != nil {
		return &fault.Error{Op: loadOp, Class: fault.Invalid, Message: file, Err: err}
	}
	return nil
}

func (l *loader) readEnv(env []string) {
	vars := variables(env)
	assigned := environment{root: l.shape, known: l.names, wrong: l.wrong}.assign(vars)
	by := map[string]string{}
	for _, v := range sortedKeys(assigned) {
		path := assigned[v].path
		if other, twice := by[path]; twice {
			l.wrong.add(path, "is set by %s and %s; keep one", other, v)
			continue
		}
		by[path] = v
		l.layers.Set(path, vars[v])
		l.wrong.origin[path] = v
	}
	for _, v := range by {
		if vars[v] != "" {
			l.overrule(assigned[v], by)
		}
	}
}

// overrule takes away a file's secret when the environment names a file for
// it, and the other way round.
func (l *loader) overrule(m meaning, by map[string]string) {
	other, isFile := strings.CutSuffix(m.path, "_file")
	if m.shape.leaf == secretType {
		other = m.path + "_file"
	} else if !isFile {
		return
	}
	if _, set := by[other]; !set {
		l.layers.Set(other, "")
	}
}

// config fills the defaults with what was written.
func (l *loader) config() *Config {
	cfg := Defaults()
	l.wechat(&cfg.WeChat, "wechat")
	v := reflect.ValueOf(&cfg).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name != "wechat" && name != "accounts" && name != "-" {
			l.fill(v.Field(i), name)
		}
	}
	for _, file := range cfg.Redis.files() {
		*file = inDir(l.dir, *file)
	}
	for _, name := range l.names["accounts"] {
		account, path := AccountDefaults(cfg.WeChat), join("accounts", name)
		l.fill(reflect.ValueOf(&account).Elem(), path)
		l.wechat(&account.WeChat, path)
		cfg.Accounts[name] = account
	}
	return &cfg
}

// wechat fills the keys of wechat. URLs are joined to base_url, so a slash at
// its end goes.
func (l *loader) wechat(w *WeChat, path string) {
	l.fill(reflect.ValueOf(w).Elem(), path)
	w.BaseURL = strings.TrimRight(w.BaseURL, "/")
	w.CAFile = inDir(l.dir, w.CAFile)
}

// fill walks down to each value that was written below path.
func (l *loader) fill(dst reflect.Value, path string) {
	switch {
	case dst.Type() == secretType:
		l.secret(dst, path)
	case dst.Kind() == reflect.Struct:
		for i := range dst.NumField() {
			name, option, _ := strings.Cut(dst.Type().Field(i).Tag.Get("yaml"), ",")
			if option != "inline" { // an account's keys of wechat: see wechat
				l.fill(dst.Field(i), join(path, name))
			}
		}
	case dst.Kind() == reflect.Map:
		l.entries(dst, path)
	default:
		if written := l.layers.Get(path); written != nil {
			l.set(dst, written, path)
		}
	}
}

// entries fills a map of names, or of kinds.
func (l *loader) entries(dst reflect.Value, path string) {
	keys := l.names[path]
	if s := shapeOf(dst.Type()); s.each == nil {
		keys = slices.DeleteFunc(s.names(), func(name string) bool { return l.layers.Get(join(path, name)) == nil })
	}
	for _, name := range keys {
		entry := reflect.New(dst.Type().Elem()).Elem()
		l.fill(entry, join(path, name))
		dst.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), entry)
	}
}

// secret takes the text, or what stands in the file that …_file names.
func (l *loader) secret(dst reflect.Value, path string) {
	text, _ := l.layers.Get(path).(string)
	file, _ := l.layers.Get(path + "_file").(string)
	switch {
	case file == "":
	case text != "":
		l.wrong.add(path, "is set together with %s_file; keep one", path)
		return
	default:
		text = l.secretFile(inDir(l.dir, file), path+"_file")
	}
	if text != "" {
		dst.SetString(text)
	}
}

// read reads a file and remembers that the configuration depends on it.
func (l *loader) read(file string) ([]byte, error) {
	l.files = append(l.files, file)
	return os.ReadFile(file)
}

func (l *loader) secretFile(file, path string) string {
	text, err := l.read(file)
	if err != nil {
		l.wrong.add(path, "cannot be read: %v", err)
		return ""
	}
	trimmed := strings.TrimSpace(string(text))
	if trimmed == "" {
		l.wrong.add(path, "the file %s is empty", file)
	}
	return trimmed
}

func (l *loader) set(dst reflect.Value, written any, path string) {
	wants, ok := parse(dst, written)
	if ok {
		return
	}
	if text, isText := written.(string); isText && !strings.HasSuffix(path, ".token") {
		l.wrong.add(path, "found %q; write %s", text, wants)
		return
	}
	l.wrong.add(path, "write %s", wants)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
