package config

import (
	"reflect"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// shape is what may stand at one place of the configuration. It is read off
// the Config type, so that the type is the one list of keys.
type shape struct {
	fields []field      // a group: its keys in order
	each   *shape       // named entries: what each of them is
	leaf   reflect.Type // a value
	secret bool         // the value must not be shown
}

// field is one key of a group.
type field struct {
	name  string
	shape *shape
	alias bool // its keys mean those of the same name one step up
}

var (
	secretType   = reflect.TypeFor[Secret]()
	durationType = reflect.TypeFor[time.Duration]()
	listType     = reflect.TypeFor[[]string]()
)

func configShape() *shape { return shapeOf(reflect.TypeFor[Config]()) }

func shapeOf(t reflect.Type) *shape {
	switch {
	case t.Kind() == reflect.Struct:
		return &shape{fields: structFields(t)}
	case t.Kind() == reflect.Map && t.Key() == reflect.TypeFor[message.Kind]():
		return &shape{fields: kindFields(t.Elem())}
	case t.Kind() == reflect.Map:
		return &shape{each: shapeOf(t.Elem())}
	}
	return &shape{leaf: t, secret: t == secretType}
}

func structFields(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			inner := structFields(f.Type)
			fields = append(fields, inner...)
			fields = append(fields, field{strings.ToLower(f.Name), &shape{fields: inner}, true})
		case name != "-":
			s := shapeOf(f.Type)
			// What people put into an account's token by mistake is a secret.
			s.secret = s.secret || name == "token"
			fields = append(fields, field{name, s, false})
			if f.Type == secretType {
				fields = append(fields, field{name + "_file", shapeOf(reflect.TypeFor[string]()), false})
			}
		}
	}
	return fields
}

func kindFields(elem reflect.Type) []field {
	var fields []field
	for _, k := range message.Kinds() {
		fields = append(fields, field{string(k), shapeOf(elem), false})
	}
	return fields
}

// child returns the field of that name.
func (s *shape) child(name string) (field, bool) {
	for _, f := range s.fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// names returns the names of a group's keys.
func (s *shape) names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}

// leaves calls visit with the path of each value, NAME standing for the name
// of an entry.
func (s *shape) leaves(path string, visit func(path string)) {
	switch {
	case s.leaf != nil:
		visit(path)
	case s.each != nil:
		s.each.leaves(join(path, "NAME"), visit)
	}
	for _, f := range s.fields {
		if !f.alias {
			f.shape.leaves(join(path, f.name), visit)
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
