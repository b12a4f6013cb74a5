package message

// writer writes nested JSON objects and collects what cannot be written.
type writer struct {
	check
	buf   []byte
	path  []string
	draft bool // everything is written, for Decode to judge
}

// open starts an object, the outermost one without a name.
func (w *writer) open(name string) {
	if len(w.path) == 0 {
		w.path = append(w.path, "body")
	} else {
		w.name(name)
		w.path = append(w.path, name)
	}
	w.buf = append(w.buf, '{')
}

func (w *writer) close() {
	w.buf = append(w.buf, '}')
	w.path = w.path[:len(w.path)-1]
}

func (w *writer) name(name string) {
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.string(name, name)
	w.buf = append(w.buf, ':')
}

// text writes a field that is always there.
func (w *writer) text(name, text string) {
	w.name(name)
	w.string(name, text)
}

// optional writes a field that is left out when empty.
func (w *writer) optional(name, text string) {
	if text != "" {
		w.text(name, text)
	}
}

func (w *writer) string(name, text string) {
	if w.draft {
		w.buf = appendDraft(w.buf, text)
		return
	}
	if complaint := unsendable(text); complaint != "" {
		w.wrong(join(joinPath(w.path), name), "%s", complaint)
	}
	w.buf = appendString(w.buf, text)
}
