package message

import (
	"strings"

	"wxdispatch/internal/fault"
)

// PermitCode returns the form_id or prepay_id in what an app passed for one:
// the prefix prepay_id= falls away. What only looks like a permit is refused
// with class invalid: the developer tools' mock form ids, a payment's
// transaction_id, and what has spaces or more than 128 characters.
func PermitCode(text string) (string, error) {
	code := strings.TrimPrefix(text, packagePrefix)
	if complaint := codeComplaint(code); complaint != "" {
		return "", &fault.Error{Op: "message.permit", Class: fault.Invalid, Message: complaint}
	}
	return code, nil
}

// packagePrefix stands before a prepay_id in the package that a mini program
// gets for paying; apps often pass it along.
const packagePrefix = "prepay_id="

// What WeChat's developer tools hand out instead of a form id.
var mockForms = []string{
	"the formId is a mock one",
	"the formId is no longer available in develop or trial version",
}

func codeComplaint(code string) string {
	for _, mock := range mockForms {
		if strings.EqualFold(strings.TrimSpace(code), mock) {
			return "found the mock form id of WeChat's developer tools; submit the form on a real phone, in the released version"
		}
	}
	switch {
	case code == "":
		return "is empty; give a form_id or a prepay_id"
	case strings.HasPrefix(code, "4200") && strings.Trim(code, "0123456789") == "":
		return "found a transaction_id (digits that start with 4200); give the payment's prepay_id"
	case !isToken(code):
		return "found " + quoted(code) + "; allowed is a form_id or prepay_id: 1 to 128 of ASCII's visible characters, without spaces"
	}
	return ""
}
