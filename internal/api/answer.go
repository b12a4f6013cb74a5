package api

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// answer is what a caller gets.
type answer struct {
	status   int
	body     any
	location string // where the thing stands that was made
}

// write sends it. Texts are for people, so <, > and & stay as they are.
func (a answer) write(w http.ResponseWriter) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a.body); err != nil {
		panic(err) // every body is a type of ours that JSON can say
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if a.location != "" {
		h.Set("Location", a.location)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(text.Bytes()) // a caller that is gone needs no answer
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }
