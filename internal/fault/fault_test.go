package fault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

func TestAWrappedFaultIsReadThroughItsChain(t *testing.T) {
	cause := errors.New("connection refused")
	err := fmt.Errorf("account shop: %w", &fault.Error{Op: "token.fetch", Class: fault.Busy, Code: -1, Message: "WeChat is busy",
		RID: "a-b-c", RetryAfter: time.Second, Err: cause})
	if !fault.Is(err, fault.Busy) || fault.Is(err, fault.Account) || fault.RetryAfter(err) != time.Second || !errors.Is(err, cause) {
		t.Fatalf("class %s, retry after %v", fault.ClassOf(err), fault.RetryAfter(err))
	}
	const want = "account shop: token.fetch: WeChat is busy (errcode -1) rid a-b-c: connection refused"
	if err.Error() != want {
		t.Fatalf("got  %s\nwant %s", err, want)
	}
}

func TestOtherErrorsHaveNoClass(t *testing.T) {
	for _, err := range []error{nil, errors.New("x")} {
		if fault.ClassOf(err) != "" || fault.RetryAfter(err) != 0 || fault.Is(err, "") != (err != nil) {
			t.Errorf("%v: class %q, retry after %v", err, fault.ClassOf(err), fault.RetryAfter(err))
		}
	}
}

func TestEveryMistakeOfAnInputIsTold(t *testing.T) {
	if err := fault.InvalidFields("x.y", nil); err != nil {
		t.Fatalf("no mistakes: got %v", err)
	}
	err := fault.InvalidFields("message.decode", []fault.Field{{Path: "body.touser", Message: "is empty"}, {Message: "is no JSON"}})
	if !fault.Is(err, fault.Invalid) || err.Error() != "message.decode: body.touser: is empty; is no JSON" {
		t.Fatalf("got %v", err)
	}
}
