package wechattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// controls serves the paths under /sim/, by which other processes steer and
// inspect the stand-in. It asks for no credentials: the listener must be out of
// strangers' reach.
func (s *Sim) controls() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sim/stats", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, s.Stats()) })
	mux.HandleFunc("GET /sim/deliveries", s.listDeliveries)
	mux.HandleFunc("GET /sim/delivered", s.sumDelivered)
	mux.HandleFunc("GET /sim/wait", s.waitFor)
	mux.HandleFunc("GET /sim/faults", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, s.listFaults()) })
	mux.HandleFunc("POST /sim/faults", s.postFault)
	mux.HandleFunc("DELETE /sim/faults", func(w http.ResponseWriter, _ *http.Request) { s.ClearFaults(); done(w) })
	mux.HandleFunc("DELETE /sim/faults/{id}", s.deleteFault)
	mux.HandleFunc("POST /sim/permits", take(s.orderPermit))
	mux.HandleFunc("POST /sim/permits/expire", take(s.orderExpiry))
	mux.HandleFunc("POST /sim/quota", take(s.orderQuota))
	mux.HandleFunc("POST /sim/rate", take(s.orderRate))
	mux.HandleFunc("POST /sim/blocks", take(s.orderBlock))
	mux.HandleFunc("POST /sim/templates", take(s.orderTemplates))
	mux.HandleFunc("POST /sim/withdraw", take(s.orderWithdrawal))
	mux.HandleFunc("POST /sim/settings", take(s.orderSettings))
	mux.HandleFunc("POST /sim/tokens/expire", take(s.orderTokens(s.ExpireTokens)))
	mux.HandleFunc("POST /sim/tokens/revoke", take(s.orderTokens(s.RevokeTokens)))
	mux.HandleFunc("POST /sim/pushes", take(s.orderPushes))
	mux.HandleFunc("POST /sim/push", take(s.orderPush))
	mux.HandleFunc("GET /sim/pushes", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, s.PushCounts()) })
	mux.HandleFunc("POST /sim/reset", func(w http.ResponseWriter, _ *http.Request) { s.Reset(); done(w) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, fmt.Errorf("%s %s is nothing that the stand-in serves", r.Method, r.URL.Path))
	})
	return mux
}

// take reads one strict JSON object and carries it out.
func take[T any](carryOut func(T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		err := decode(r, &in)
		if err == nil {
			err = carryOut(in)
		}
		if err != nil {
			fail(w, http.StatusBadRequest, err)
			return
		}
		done(w)
	}
}

// decode reads exactly one JSON value, without unknown fields.
func decode(r *http.Request, in any) error {
	body, err := readBody(r)
	if err != nil {
		return fmt.Errorf("the body could not be read: %w", err)
	}
	if len(body) > maxBody {
		return fmt.Errorf("the body is longer than %d bytes", maxBody)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return fmt.Errorf("the body is not the JSON object that is wanted: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the JSON object; send one only")
	}
	return nil
}

func show(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.Encode(v) // the client went away: nobody to tell
}

func done(w http.ResponseWriter) { show(w, http.StatusOK, map[string]bool{"ok": true}) }

func fail(w http.ResponseWriter, status int, err error) {
	code := "invalid"
	if status == http.StatusNotFound {
		code = "not_found"
	}
	show(w, status, map[string]any{"error": map[string]string{"code": code, "message": err.Error()}})
}

// known tells what is wrong with an appid, or nil.
func (s *Sim) known(appid string) error {
	switch {
	case appid == "":
		return errors.New("appid is missing")
	case s.lookup(appid) == nil:
		return fmt.Errorf("appid %q is not known; known are %q", appid, s.appids())
	}
	return nil
}

func (s *Sim) deleteFault(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || !s.RemoveFault(id) {
		fail(w, http.StatusNotFound, fmt.Errorf("there is no fault %q; GET /sim/faults lists them", r.PathValue("id")))
		return
	}
	done(w)
}
