package wechattest

import (
	"encoding/json"
	"fmt"
	"time"
)

// pushOrder is Pushes as it comes over HTTP.
type pushOrder struct {
	AppID       string             `json:"appid"`
	URL         string             `json:"url"` // "": no more pushes
	Token       string             `json:"token"`
	AESKey      string             `json:"aes_key"`
	Mode        PushMode           `json:"mode"`
	JSON        bool               `json:"json"`
	Statuses    map[string]float64 `json:"statuses"`
	Early       float64            `json:"early"`
	Late        float64            `json:"late"`
	Double      float64            `json:"double"`
	Delay       span               `json:"delay"`
	LateBy      span               `json:"late_by"`
	RepeatAfter span               `json:"repeat_after"`
}

func (s *Sim) orderPushes(in pushOrder) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	if in.URL == "" {
		s.SetPushes(in.AppID, nil)
		return nil
	}
	o := Pushes{URL: in.URL, Token: in.Token, AESKey: in.AESKey, Mode: in.Mode, JSON: in.JSON,
		Statuses: in.Statuses, Early: in.Early, Late: in.Late, Double: in.Double,
		Delay: time.Duration(in.Delay), LateBy: time.Duration(in.LateBy), RepeatAfter: time.Duration(in.RepeatAfter)}
	if err := o.Check(); err != nil {
		return err
	}
	s.SetPushes(in.AppID, &o)
	return nil
}

// rawPush is a body that is pushed as it is, in the account's mode.
type rawPush struct {
	AppID string          `json:"appid"`
	Body  string          `json:"body"`
	JSON  json.RawMessage `json:"json"` // instead of body
}

func (s *Sim) orderPush(in rawPush) error {
	if err := s.known(in.AppID); err != nil {
		return err
	}
	body := in.Body
	if body == "" {
		body = string(in.JSON)
	}
	status, answer, err := s.Push(in.AppID, []byte(body))
	if err == nil && !taken(status, answer) {
		err = fmt.Errorf("it was answered with status %d", status)
	}
	return err
}
