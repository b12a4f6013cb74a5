package wechat

import (
	"fmt"
	"log/slog"
)

// The methods below keep secrets out of whatever prints a value: fmt in all
// its verbs, slog, and JSON.

// String tells the lifetime only.
func (t Token) String() string { return fmt.Sprintf("[token, %v]", t.ExpiresIn) }

// GoString is String.
func (t Token) GoString() string { return t.String() }

// Format is String for every verb; %d would print the fields otherwise.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, t.String()) }

// LogValue is String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is String; who must hand a token on writes its Value.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// String tells the mode and the appid only.
func (g Grant) String() string { return fmt.Sprintf("[grant %s %s]", g.Mode, g.AppID) }

// GoString is String.
func (g Grant) GoString() string { return g.String() }

// Format is String for every verb.
func (g Grant) Format(f fmt.State, _ rune) { fmt.Fprint(f, g.String()) }

// LogValue is String.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// MarshalText is String.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }
