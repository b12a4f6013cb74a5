package wechattest

import (
	"errors"
	"fmt"

	"wxdispatch/internal/message"
)

// What may be asked for by POST under /sim/.
type (
	permitOrder struct {
		AppID      string `json:"appid"`
		OpenID     string `json:"openid"`
		Type       string `json:"type"`        // form, payment, consent
		Code       string `json:"code"`        // of a form or payment
		TemplateID string `json:"template_id"` // of a consent
		Count      int    `json:"count"`       // of consents; 0 takes all away, -1 is a long-term template
	}
	expiryOrder struct {
		AppID string `json:"appid"`
		Code  string `json:"code"`
	}
	quotaOrder struct {
		AppID string       `json:"appid"`
		Kind  message.Kind `json:"kind"`
		N     *int         `json:"n"` // calls a day; -1: no limit
	}
	rateOrder struct {
		AppID     string `json:"appid"`
		PerSecond *int   `json:"per_second"` // 0: no limit
		Code      int    `json:"code"`       // 0: 45011
	}
	blockOrder struct {
		AppID  string `json:"appid"`
		OpenID string `json:"openid"`
		Code   int    `json:"code"` // 0 ends it
	}
	templatesOrder struct {
		AppID string   `json:"appid"`
		IDs   []string `json:"ids"` // none: every template is good
	}
	withdrawal struct {
		Kind message.Kind `json:"kind"`
	}
	settings struct {
		Consents        *bool `json:"consents"`
		DuplicateAnswer *int  `json:"duplicate_answer"`
	}
	tokensOrder struct {
		AppID string `json:"appid"`
	}
)

func (s *Sim) orderPermit(in permitOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	if in.OpenID == "" {
		return errors.New("openid is missing")
	}
	switch {
	case in.Type == "consent" && in.TemplateID != "" && in.Count >= LongTerm:
		s.GrantConsent(in.AppID, in.OpenID, in.TemplateID, in.Count)
	case in.Type == "consent":
		return fmt.Errorf("a consent needs a template_id (found %q) and a count of -1 or more (found %d)", in.TemplateID, in.Count)
	case in.Code == "":
		return errors.New("code is missing")
	case in.Type == "form":
		s.GrantForm(in.AppID, in.OpenID, in.Code)
	case in.Type == "payment":
		s.GrantPayment(in.AppID, in.OpenID, in.Code)
	default:
		return fmt.Errorf("type is %q; allowed are form, payment, consent", in.Type)
	}
	return nil
}

func (s *Sim) orderExpiry(in expiryOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	if !s.ExpirePermit(in.AppID, in.Code) {
		return fmt.Errorf("code %q is not known for appid %q", in.Code, in.AppID)
	}
	return nil
}

func (s *Sim) orderQuota(in quotaOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	if err := checkKind(in.Kind); err != nil {
		return err
	}
	if in.N == nil {
		return errors.New("n is missing: calls a day, or -1 for no limit")
	}
	s.SetQuota(in.AppID, in.Kind, *in.N)
	return nil
}

func (s *Sim) orderRate(in rateOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	if in.PerSecond == nil || *in.PerSecond < 0 {
		return errors.New("per_second is missing or below 0: sends a second, or 0 for no limit")
	}
	if in.Code == 0 {
		in.Code = 45011
	}
	s.SetRate(in.AppID, *in.PerSecond, in.Code)
	return nil
}

func (s *Sim) orderBlock(in blockOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	if in.OpenID == "" {
		return errors.New("openid is missing")
	}
	s.Block(in.AppID, in.OpenID, in.Code)
	return nil
}

func (s *Sim) orderTemplates(in templatesOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	s.SetTemplates(in.AppID, in.IDs...)
	return nil
}

func (s *Sim) orderWithdrawal(in withdrawal) error {
	if err := checkKind(in.Kind); err != nil {
		return err
	}
	s.Withdraw(in.Kind)
	return nil
}

func (s *Sim) orderSettings(in settings) error {
	if in.Consents == nil && in.DuplicateAnswer == nil {
		return errors.New("nothing to set; allowed are consents (true, false) and duplicate_answer (0, 45065, 40241)")
	}
	if in.Consents != nil {
		s.SetConsents(*in.Consents)
	}
	if in.DuplicateAnswer != nil {
		s.SetDuplicateAnswer(*in.DuplicateAnswer)
	}
	return nil
}

// orderTokens makes the order that does something to an account's tokens.
func (s *Sim) orderTokens(what func(appid string)) func(tokensOrder) error {
	return func(in tokensOrder) error {
		if err := s.known(in.AppID); err != nil {
			return err
		}
		what(in.AppID)
		return nil
	}
}

func checkKind(kind message.Kind) error {
	if !kind.Valid() {
		return fmt.Errorf("kind is %q; allowed are %v", kind, message.Kinds())
	}
	return nil
}
