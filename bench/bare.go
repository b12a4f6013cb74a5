package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
)

// bareQueue is where the bare worker's tasks wait.
const bareQueue = "default"

// workerOrder is what a worker of either side is told.
type workerOrder struct {
	Redis       string `json:"redis"`
	WeChat      string `json:"wechat"`
	Concurrency int    `json:"concurrency"`
	Config      string `json:"config,omitempty"`  // wxdispatch: its configuration file
	Profile     string `json:"profile,omitempty"` // where to write what the processor did; "": nowhere
}

// configured reads the order of a part that runs on a configuration.
func configured(text []byte) (order workerOrder, cfg *config.Config, err error) {
	if err = json.Unmarshal(text, &order); err == nil {
		cfg, err = config.Load(config.Options{File: order.Config})
	}
	return order, cfg, err
}

// bareTask is the payload: the request is there already.
type bareTask struct {
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
}

// bare is the worker that an app would write: asynq as its wiki shows it, and a
// handler that posts with net/http, over as many kept connections as it has
// handlers. It keeps no account of anything.
type bare struct {
	server  *asynq.Server
	client  redis.UniversalClient
	counter *counter
	profile *profile
}

func newBare(text []byte, _ io.Writer) (part, error) {
	var order workerOrder
	if err := json.Unmarshal(text, &order); err != nil {
		return nil, err
	}
	b := &bare{counter: newCounter()}
	b.client = asynq.RedisClientOpt{Addr: order.Redis}.MakeRedisClient().(redis.UniversalClient)
	b.client.AddHook(b.counter)
	p := &poster{base: order.WeChat, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: order.Concurrency}}}
	if err := p.login(); err != nil {
		return nil, err
	}
	var err error
	if b.profile, err = startProfile(order.Profile); err != nil {
		return nil, err
	}
	b.server = asynq.NewServerFromRedisClient(b.client, asynq.Config{Concurrency: order.Concurrency, Queues: map[string]int{bareQueue: 1}})
	mux := asynq.NewServeMux()
	mux.HandleFunc("send", p.handle)
	return b, b.server.Start(mux)
}

func (b *bare) answer(question string) (any, error) {
	if question == "counts" {
		return b.counter.counts(), nil
	}
	return nil, fmt.Errorf("%q is no question that a worker answers", question)
}

func (b *bare) stop() error {
	b.server.Shutdown()
	return errors.Join(b.profile.stop(), b.client.Close())
}

// poster posts to WeChat with a token that it fetched once.
type poster struct {
	base, token string
	client      *http.Client
}

func (p *poster) login() error {
	var answer struct {
		Token string `json:"access_token"`
	}
	body := []byte(`{"grant_type":"client_credential","appid":"wxbare","secret":"bench"}`)
	if err := p.post(context.Background(), p.base+"/cgi-bin/stable_token", body, &answer); err != nil {
		return err
	}
	if p.token = answer.Token; p.token == "" {
		return errors.New("the stand-in gave no token")
	}
	return nil
}

// handle is the asynq handler.
func (p *poster) handle(ctx context.Context, task *asynq.Task) error {
	var t bareTask
	if err := json.Unmarshal(task.Payload(), &t); err != nil {
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	var answer struct {
		Code    int    `json:"errcode"`
		Message string `json:"errmsg"`
	}
	if err := p.post(ctx, p.base+t.Path+"?access_token="+p.token, t.Body, &answer); err != nil {
		return err
	}
	if answer.Code != 0 {
		return fmt.Errorf("errcode %d: %s", answer.Code, answer.Message)
	}
	return nil
}

func (p *poster) post(ctx context.Context, url string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}
