package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// ParkOrder is the body of …/park.
type ParkOrder struct {
	Kind   message.Kind `json:"kind,omitempty"` // absent: all
	Reason string       `json:"reason"`
	Until  time.Time    `json:"until,omitzero"` // absent: until …/unpark
}

// UnparkOrder is the body of …/unpark, which may be missing.
type UnparkOrder struct {
	Kind message.Kind `json:"kind,omitempty"` // absent: all
}

// AccountChange is the body of PATCH …/{account}: what all workers do from now
// on, over their configurations.
type AccountChange struct {
	Rate  float64              `json:"rate,omitempty"`  // messages a second
	Quota map[message.Kind]int `json:"quota,omitempty"` // messages a day (UTC+8)
	Until time.Time            `json:"until,omitzero"`  // absent: until it is reset
	Reset bool                 `json:"reset,omitempty"` // the configuration gets its word back
}

func (a *API) parkAccount(c *call) (answer, error) {
	var o ParkOrder
	return a.order(c, &o, func(ctx context.Context, account, who string) error {
		if err := knownKind(o.Kind); err != nil {
			return err
		}
		return a.Operator.Park(ctx, account, o.Kind, o.Reason, who, o.Until)
	})
}

func (a *API) unparkAccount(c *call) (answer, error) {
	var o UnparkOrder
	return a.order(c, &o, func(ctx context.Context, account, who string) error {
		if err := knownKind(o.Kind); err != nil {
			return err
		}
		return a.Operator.Unpark(ctx, account, o.Kind, who)
	})
}

func (a *API) changeAccount(c *call) (answer, error) {
	var o AccountChange
	return a.order(c, &o, func(ctx context.Context, account, who string) error {
		return a.Operator.Set(ctx, account, o, who)
	})
}

// order reads what a person wants, has it done in the name of the key, and
// answers how the account stands then.
func (a *API) order(c *call, into any, do func(ctx context.Context, account, who string) error) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	if err := strict(body, into); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	if err := do(ctx, c.PathValue("account"), c.key.name); err != nil {
		return answer{}, err
	}
	return a.stands(ctx, c)
}

// strict reads one JSON object whose fields are all known; no body is an empty
// one.
func strict(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); errors.Is(more, io.EOF) {
			return nil
		}
		err = errors.New("something follows the object")
	}
	return &fault.Error{Op: "api.operator", Class: fault.Invalid, Message: fmt.Sprintf("the body is not what this call takes: %v; /openapi.json tells its fields", err)}
}

func knownKind(kind message.Kind) error {
	if kind == "" || kind.Valid() {
		return nil
	}
	return fault.InvalidFields("api.operator", []fault.Field{{Path: "kind", Message: fmt.Sprintf("found %q; allowed are %v", kind, message.Kinds())}})
}
