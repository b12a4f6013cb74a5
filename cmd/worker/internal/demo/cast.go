package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"wxdispatch/examples"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// part is one message of the demo and how it must end.
type part struct {
	message *message.Message
	scene   scene
	key     string // of its content, as the stand-in counts it
}

// cast makes the messages: the examples' bodies, each to a user of its own, and
// prepares the stand-in for what will happen to them.
func cast(n int, sim *wechattest.Sim) ([]part, error) {
	all := scenes()
	var parts []part
	for i, count := range share(n, all) {
		for j := range count {
			p, err := play(all[i], i, j, sim)
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		}
	}
	// Shuffled, as life is: ten bad answers in a row would be an outage.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return parts, nil
}

func play(s scene, i, j int, sim *wechattest.Sim) (part, error) {
	data, err := examples.Files.ReadFile(s.example)
	if err != nil {
		return part{}, err
	}
	var m map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&m); err != nil {
		return part{}, err
	}
	openid := fmt.Sprintf("oDemoUserOfWxdispatch%03d%04d", i, j)
	m["id"] = fmt.Sprintf("demo-%02d-%04d", i, j)
	body := m["body"].(map[string]any)
	body["touser"] = openid
	appid := shopAppID
	if m["account"] == mini {
		appid = miniAppID
	}
	s.give(body, i, j)
	s.prepare(sim, appid, openid)
	data, err = json.Marshal(m)
	if err != nil {
		return part{}, err
	}
	decoded, err := message.Decode(data)
	if err != nil {
		return part{}, fmt.Errorf("examples/%s: %w", s.example, err)
	}
	wire, err := message.Wire(decoded.Body, "")
	return part{message: decoded, scene: s, key: wechattest.ContentKey(wire)}, err
}

// give puts a permit of its own into the body.
func (s scene) give(body map[string]any, i, j int) {
	holder := body
	if weapp, ok := body["weapp_template_msg"].(map[string]any); ok {
		holder = weapp
	}
	switch s.permit {
	case "form":
		holder["form_id"] = fmt.Sprintf("%016x%08x", i+1, j+1)
	case "payment":
		holder["form_id"] = fmt.Sprintf("wx20261122%08d%08d", i+1, j+1)
	}
}

func (s scene) prepare(sim *wechattest.Sim, appid, openid string) {
	if s.code != 0 {
		sim.Block(appid, openid, s.code)
	}
	if s.fault != nil {
		f := *s.fault
		f.AppID, f.OpenID = appid, openid
		sim.Inject(f)
	}
}
