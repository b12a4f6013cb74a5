package wechattest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// span is a duration in JSON: text like "250ms".
type span time.Duration

func (d span) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *span) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("delay is %q; wanted is a number with its unit, like 250ms", text)
	}
	*d = span(parsed)
	return nil
}

// plainFault is a Fault without its methods, so that JSON sees its fields.
type plainFault Fault

type wireFault struct {
	plainFault
	Delay span `json:"delay,omitzero"`
}

// MarshalJSON writes Delay as text.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireFault{plainFault(f), span(f.Delay)})
}

// UnmarshalJSON reads Delay as text.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var in wireFault
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*f = in.fault()
	return nil
}

func (w wireFault) fault() Fault {
	f := Fault(w.plainFault)
	f.Delay = time.Duration(w.Delay)
	return f
}

// faultState is how GET /sim/faults lists a fault.
type faultState struct {
	ID    int   `json:"id"`
	Hits  int   `json:"hits"`
	Fault Fault `json:"fault"`
}

func (s *Sim) listFaults() []faultState {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := []faultState{}
	for _, a := range s.faults.list {
		out = append(out, faultState{a.id, a.hits, a.Fault})
	}
	return out
}

func (s *Sim) postFault(w http.ResponseWriter, r *http.Request) {
	var in wireFault
	if err := decode(r, &in); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	f := in.fault()
	if err := f.Check(); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	show(w, http.StatusCreated, map[string]int{"id": s.Inject(f)})
}
