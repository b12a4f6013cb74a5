package config

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// parse reads what was written, a text or a list of texts, into dst. When it
// cannot, it returns what should have been written.
func parse(dst reflect.Value, written any) (wants string, ok bool) {
	wants = leafWord(dst.Type())
	switch v := written.(type) {
	case []string:
		if dst.Type() != listType {
			return wants, false
		}
		dst.Set(reflect.ValueOf(v))
		return wants, true
	case string:
		return wants, parseText(dst, v)
	}
	return wants, false
}

// parseText leaves dst as it is when it does not understand the text.
func parseText(dst reflect.Value, text string) bool {
	var value any
	var err error
	switch t := dst.Type(); {
	case t == durationType:
		value, err = time.ParseDuration(text)
	case t == listType:
		value, err = parseList(text)
	case t.Kind() == reflect.Bool:
		value, err = parseBool(text)
	case t.Kind() == reflect.Int:
		value, err = strconv.Atoi(text)
	case t.Kind() == reflect.Float64:
		value, err = strconv.ParseFloat(text, 64)
	default:
		value = text
	}
	if err != nil {
		return false
	}
	dst.Set(reflect.ValueOf(value).Convert(dst.Type()))
	return true
}

// parseBool reads what YAML reads, and not the 1, t and T of strconv.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// parseList reads a variable's list: a,b. Nothing is the empty list.
func parseList(text string) ([]string, error) {
	if strings.TrimSpace(text) == "" {
		return []string{}, nil
	}
	list := strings.Split(text, ",")
	for i := range list {
		if list[i] = strings.TrimSpace(list[i]); list[i] == "" {
			return nil, strconv.ErrSyntax
		}
	}
	return list, nil
}

// leafWord says what a value of type t looks like.
func leafWord(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration with its unit, such as 500ms, 5s or 10m"
	case t == listType:
		return "a list; in a variable: a,b"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "text"
}
