package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/standing"
)

// document is what the tests read of openapi.json.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct {
		Responses map[string]json.RawMessage
		Schemas   map[string]schema
	}
}

type operation struct {
	OperationID string
	Scope       Scope `json:"x-scope"`
	Security    []json.RawMessage
	Parameters  []struct{ Name, In string }
	Responses   map[string]json.RawMessage
}

type schema struct {
	Properties map[string]json.RawMessage
	Required   []string
	Enum       []string
}

func readDocument(t *testing.T) document {
	t.Helper()
	var doc document
	if err := json.Unmarshal(description, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("openapi %q", doc.OpenAPI)
	}
	return doc
}

func TestDocumentHasExactlyTheRoutes(t *testing.T) {
	doc := readDocument(t)
	described := map[string]bool{}
	for path, operations := range doc.Paths {
		for method := range operations {
			described[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, r := range New(Options{Metrics: http.NotFoundHandler()}).routes() {
		op, known := doc.Paths[r.path][strings.ToLower(r.method)]
		if !known {
			t.Errorf("%s %s is not described", r.method, r.path)
			continue
		}
		delete(described, r.method+" "+r.path)
		if op.Scope != r.need || (op.Security != nil) != (r.need == Open) {
			t.Errorf("%s %s: scope %q is described, %q is needed", r.method, r.path, op.Scope, r.need)
		}
		if r.need != Open && (op.Responses["401"] == nil || op.Responses["403"] == nil) {
			t.Errorf("%s %s: 401 or 403 is not described", r.method, r.path)
		}
		if op.OperationID == "" || op.Responses["200"] == nil {
			t.Errorf("%s %s lacks an operationId or its 200", r.method, r.path)
		}
		for _, name := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(r.path, -1) {
			if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.In == "path" && p.Name == name[1] }) {
				t.Errorf("%s: the parameter %s is not described", r.path, name[1])
			}
		}
	}
	for left := range described {
		t.Errorf("%s is described, but not served", left)
	}
}

func TestDocumentHasTheTypes(t *testing.T) {
	doc := readDocument(t)
	types := map[string]any{
		"Taken": Taken{}, "Record": message.Record{}, "Receipt": message.Receipt{}, "Step": message.Step{},
		"Account": standing.Account{}, "AccessToken": AccessToken{}, "AccountList": AccountList{}, "Health": Health{}, "Lane": standing.Lane{},
		"TokenStanding": standing.Token{}, "Receipts": standing.Receipts{},
		"Park": standing.Park{}, "Backlog": standing.Backlog{}, "Rate": standing.Rate{}, "Quota": standing.Quota{},
		"ParkOrder": ParkOrder{}, "UnparkOrder": UnparkOrder{}, "AccountChange": AccountChange{},
		"Granted": Granted{}, "Removed": Removed{}, "Balance": permit.Balance{}, "Line": permit.Line{},
		"SuppressionList": message.SuppressionList{}, "SuppressionLine": message.SuppressionLine{}, "PushTaken": PushTaken{},
		"Result": Result{}, "Changed": Changed{}, "ResolveOrder": ResolveOrder{}, "RecordPage": RecordPage{},
		"ReplayOrder": ReplayOrder{}, "ReplayAnswer": ReplayAnswer{},
		"Batch": standing.Batch{}, "BatchList": BatchList{},
		"Problem": Problem{}, "Detail": Detail{}, "Field": fault.Field{},
	}
	for name, value := range types {
		var all, required []string
		for field := range fields(reflect.TypeOf(value)) {
			tag, options, _ := strings.Cut(field, ",")
			all = append(all, tag)
			if options == "" {
				required = append(required, tag)
			}
		}
		s := doc.Components.Schemas[name]
		same(t, name+" properties", slices.Sorted(maps.Keys(s.Properties)), all)
		same(t, name+" required", slices.Clone(s.Required), required)
	}
}

func fields(t reflect.Type) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range t.NumField() {
			if tag := t.Field(i).Tag.Get("json"); tag != "-" && !yield(tag) {
				return
			}
		}
	}
}

func TestDocumentHasTheWords(t *testing.T) {
	doc := readDocument(t)
	var states, codes, types []string
	for _, s := range message.States() {
		states = append(states, string(s))
	}
	for class := range problems {
		codes = append(codes, string(class))
	}
	codes = append(codes, codeUnauthorized, codeForbidden, codeMethod, codeTooLarge, codeInternal)
	for _, p := range message.PermitTypes() {
		types = append(types, string(p))
	}
	same(t, "PermitType", doc.Components.Schemas["PermitType"].Enum, types)
	same(t, "State", doc.Components.Schemas["State"].Enum, states)
	var code schema
	if err := json.Unmarshal(doc.Components.Schemas["Detail"].Properties["code"], &code); err != nil {
		t.Fatal(err)
	}
	same(t, "Detail.code", code.Enum, codes)
}

// Every reference must lead somewhere, and everything must be referred to.
func TestDocumentRefersToWhatItHas(t *testing.T) {
	doc := readDocument(t)
	used := map[string]bool{}
	for _, ref := range regexp.MustCompile(`"#/components/(\w+)/(\w+)"`).FindAllStringSubmatch(string(description), -1) {
		used[ref[1]+"/"+ref[2]] = true
	}
	has := map[string]bool{}
	for name := range doc.Components.Schemas {
		has["schemas/"+name] = true
	}
	for name := range doc.Components.Responses {
		has["responses/"+name] = true
	}
	if !maps.Equal(used, has) {
		t.Errorf("referred to: %v\nthere: %v", slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(has)))
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: described %q, in the code %q", what, got, want)
	}
}
