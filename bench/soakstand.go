package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// soakStand is what a soak runs on: all of wxdispatch as in production, each
// program a process of its own.
type soakStand struct {
	*stand
	soak   soakSettings
	cast   []actor
	hook   *process
	serve  *process
	worker *process
	feed   *process
	at     struct{ serve, worker string } // base URLs
}

// parts are the processes by their names in the table.
func (s *soakStand) parts() map[string]*process {
	return map[string]*process{"worker": s.worker, "serve": s.serve, "redis": s.redis, "standin": s.wechat, "producer": s.feed}
}

// open starts everything but the producer. What it started is ended by close.
func (s *soakStand) open() error {
	if err := s.openRedis("--appendonly", "yes", "--appendfsync", "everysec"); err != nil {
		return err
	}
	if err := s.openWeChat(); err != nil {
		return err
	}
	if err := s.openHook(); err != nil {
		return err
	}
	return s.openOurs()
}

func (s *soakStand) openHook() (err error) {
	s.hook, err = s.start("hook", "hook", nil)
	return err
}

// openOurs starts serve and the worker, and has receipts come to serve.
func (s *soakStand) openOurs() (err error) {
	file, err := s.configure()
	if err != nil {
		return err
	}
	order := workerOrder{Redis: s.addr, WeChat: s.url, Concurrency: s.soak.Concurrency, Config: file}
	order.Profile = s.profile("serve")
	if s.serve, err = s.start("serve", "serve", order); err != nil {
		return err
	}
	var at addresses
	if err := s.serve.ask("urls", &at); err != nil {
		return err
	}
	order.Profile = s.profile("worker")
	if s.worker, err = s.start("worker", string(ourSide), order); err != nil {
		return err
	}
	s.at.serve = at.API
	if err := s.worker.ask("url", &s.at.worker); err != nil {
		return err
	}
	for _, a := range s.cast {
		if err := s.wechat.ask(fmt.Sprintf("push %s %s/wechat/%s", a.AppID, at.Pushes, a.Name), nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *soakStand) profile(name string) string {
	if s.soak.Profile == "" {
		return ""
	}
	return filepath.Join(s.soak.Profile, "soak-"+name+".pprof")
}

// configure writes the configuration that worker and serve share.
func (s *soakStand) configure() (string, error) {
	var hook string
	if err := s.hook.ask("url", &hook); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "redis: {addrs: [%s]}\nwechat: {base_url: %s}\n", s.addr, s.url)
	fmt.Fprintf(&b, "worker: {listen: 127.0.0.1:0}\napi: {listen: 127.0.0.1:0}\ncallback: {listen: 127.0.0.1:0}\nmessage: {keep: %s}\naccounts:\n", s.soak.keep().Round(time.Second))
	for _, a := range s.cast {
		fmt.Fprintf(&b, "  %s:\n    {type: %s, appid: %s, secret: bench, rate: %d, burst: %[4]d, concurrency: %[5]d,\n     callback: {token: %s, aes_key: %s}",
			a.Name, a.Type, a.AppID, greatestRate, s.soak.Concurrency, pushToken, pushKey)
		if a.hook {
			fmt.Fprintf(&b, ",\n     events: {url: %s, secret: bench}", hook)
		}
		fmt.Fprintln(&b, "}")
	}
	file := filepath.Join(s.dir, "config.yaml")
	return file, os.WriteFile(file, []byte(b.String()), 0o600)
}

// begin starts the producer.
func (s *soakStand) begin() (err error) {
	s.feed, err = s.start("feed", "feed", feedOrder{Redis: s.addr, Accounts: s.soak.Accounts, Messages: s.soak.Messages,
		For: s.soak.For, Ahead: s.soak.Ahead, Keep: s.soak.keep()})
	return err
}
