package message

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
)

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("../../examples/*.json")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(tmpl(`"miniprogram":{"appid":"a","path":"\ud83d\ude00"}`)))
	f.Add([]byte(`{"body":{"data":{"":[1e9,null,true]}},"id":"\ud83d"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || m != nil {
				t.Fatalf("%v, %v", m, err)
			}
			return
		}
		checkMessage(t, m)
		named, err := m.WithID("fuzz")
		if err != nil {
			t.Fatal(err)
		}
		checkMessage(t, named)
		if named.Digest != m.Digest {
			t.Error("the id changed the digest")
		}
	})
}

// checkMessage checks what holds for every decoded message: Raw gives it again.
func checkMessage(t *testing.T, m *Message) {
	t.Helper()
	again, err := Decode(m.Raw)
	if err != nil {
		t.Fatalf("Raw does not decode: %v", err)
	}
	if again.ID != m.ID || again.Digest != m.Digest || !bytes.Equal(again.Raw, m.Raw) {
		t.Errorf("Raw gives another message: %s from %s", again.Raw, m.Raw)
	}
	wire, err := Wire(m.Body, ClientMsgID(m.ID, 1))
	if err != nil {
		t.Fatalf("what decoded cannot be sent: %v", err)
	}
	checkWire(t, wire)
	if second, _ := Wire(again.Body, ClientMsgID(m.ID, 1)); !bytes.Equal(wire, second) {
		t.Errorf("Raw gives another request: %s, then %s", wire, second)
	}
}

func checkWire(t *testing.T, wire []byte) {
	t.Helper()
	if !json.Valid(wire) {
		t.Errorf("no JSON: %s", wire)
	}
	// A backslash of the text itself stands doubled; what is left are escapes.
	if escapes := strings.ReplaceAll(string(wire), `\\`, ""); strings.Contains(escapes, `\u`) {
		t.Errorf(`has a \uXXXX: %s`, wire)
	}
}

func FuzzWire(f *testing.F) {
	f.Add("o1", "keyword1", "中\u2028<>&\"\\u0041\n", "#173177")
	f.Add("o\x00", "", "\xff", "\x1f")
	f.Fuzz(func(t *testing.T, user, name, value, colour string) {
		raw, _ := json.Marshal(value)
		data := Data{name: {Value: raw, Color: colour}}
		body := &UniformBody{ToUser: user, Weapp: &WeappPart{Page: name, Data: data}, MP: &MPPart{URL: value, Data: data}}
		wire, err := Wire(body, "")
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		checkWire(t, wire)
		var back UniformBody
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatal(err)
		}
		var text string
		if err := json.Unmarshal(back.MP.Data[name].Value, &text); err != nil || text != value || back.ToUser != user {
			t.Errorf("%q, %q came back as %q, %q (%v)", user, value, back.ToUser, text, err)
		}
		if second, _ := Wire(body, ""); !bytes.Equal(second, wire) {
			t.Errorf("two requests of one body: %s, %s", wire, second)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":[2,\"}\"]}\n"))
	f.Add([]byte("\ufeff[{},\n {\"中\":x}]"))
	f.Add([]byte("[1,\"a\",true]{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		last, index := 1, 0
		for item, err := range Split(bytes.NewReader(data)) {
			if err != nil {
				if !fault.Is(err, fault.Invalid) || !strings.HasPrefix(fields(err)[0].Path, "line ") {
					t.Errorf("ended with %v", err)
				}
				return
			}
			if !json.Valid(item.Raw) || !bytes.Contains(data, item.Raw) {
				t.Errorf("item %q", item.Raw)
			}
			if item.Line < last || item.Index != index {
				t.Errorf("item %d at line %d follows line %d as number %d", item.Index, item.Line, last, index)
			}
			last, index = item.Line, index+1
		}
	})
}
