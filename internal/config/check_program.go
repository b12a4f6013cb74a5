package config

// CheckWorker returns every mistake that keeps a worker from starting, as one
// error of class invalid: accounts without what a token is got with, and a
// page that everyone could open. It also holds for commands that call WeChat.
func (c *Config) CheckWorker() error {
	m := newMistakes()
	c.checkSecrets(m)
	if !loopback(c.Worker.Listen) && (c.Worker.User == "" || c.Worker.Password == "") {
		m.add("worker.listen", "%s is not on loopback, so worker.user and worker.password are needed; set them or listen on 127.0.0.1", c.Worker.Listen)
	}
	return m.err("config.worker", c.File)
}

// CheckServe returns every mistake that keeps enqueue serve from starting, as
// one error of class invalid: accounts without what a token is got with, an
// HTTP API without keys beyond loopback, and a callback listener beyond
// loopback that could not tell WeChat's pushes from others'.
func (c *Config) CheckServe() error {
	m := newMistakes()
	c.checkSecrets(m)
	if !loopback(c.API.Listen) && len(c.API.Keys) == 0 {
		m.add("api.listen", "%s is not on loopback, so at least one of api.keys is needed; add one or listen on 127.0.0.1", c.API.Listen)
	}
	for _, name := range sortedKeys(c.Accounts) {
		if !loopback(c.Callback.Listen) && c.Accounts[name].Callback.Token == "" {
			m.add(join("accounts", name)+".callback.token",
				"is empty, but callback.listen %s is not on loopback; copy it from WeChat's console or listen on 127.0.0.1", c.Callback.Listen)
		}
	}
	return m.err("config.serve", c.File)
}

// CheckProducer returns what keeps a producer from starting. It needs redis
// alone, which Load has judged: nil, always.
func (c *Config) CheckProducer() error { return nil }

// CheckAccount returns what one account lacks to call WeChat, as one error of
// class invalid.
func (c *Config) CheckAccount(name string) error {
	m := newMistakes()
	a, known := c.Accounts[name]
	if !known {
		m.add(join("accounts", name), "no such account; known: %s", listed(sortedKeys(c.Accounts)))
	} else {
		a.checkSecrets(m, join("accounts", name))
	}
	return m.err("config.account", c.File)
}

func (c *Config) checkSecrets(m *mistakes) {
	if len(c.Accounts) == 0 {
		m.add("accounts", "is empty; write at least one account, or set WXDISPATCH_ACCOUNTS_SHOP_TYPE, _APPID and _SECRET")
	}
	for _, name := range sortedKeys(c.Accounts) {
		c.Accounts[name].checkSecrets(m, join("accounts", name))
	}
}

func (a Account) checkSecrets(m *mistakes, path string) {
	if a.AppID == "" {
		m.add(path+".appid", "is missing; write it or set %s", variableName(path+".appid"))
	}
	switch {
	case a.Token == TokenExternal && a.TokenSource.URL == "":
		m.add(path+".token_source.url", "is missing; token: external needs the address of the token centre")
	case a.Token != TokenExternal && a.Secret == "":
		m.add(path+".secret", "is missing; set %s or secret_file", variableName(path+".secret"))
	}
}
