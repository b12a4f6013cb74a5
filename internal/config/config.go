// Package config reads what an operator wrote down: a YAML file and the
// environment, with viper as the layers between them.
//
// Its promise: Load returns a whole, valid Config or one error that tells every
// mistake at once, each with its path and where it was written. Nothing is
// mended or ignored in silence: unknown keys, unknown WXDISPATCH_ variables and
// variables that could mean two keys are mistakes. No secret is ever printed,
// neither by an error nor by printing a Config.
//
// It opens nothing but the configuration file and the files that …_file keys
// name. What a program needs beyond a valid file (secrets, credentials of its
// listeners) is asked with CheckWorker, CheckServe and CheckProducer; Redis
// and HTTP clients are built by those who assemble a program.
package config

import "time"

// Config is everything that can be set. The yaml tags are the keys' names.
type Config struct {
	Redis    Redis              `yaml:"redis"`
	WeChat   WeChat             `yaml:"wechat"`
	Accounts map[string]Account `yaml:"accounts"` // by name: lower-case letters, digits, -
	Retry    Retry              `yaml:"retry"`
	Park     Park               `yaml:"park"`
	Message  Message            `yaml:"message"`
	Worker   Worker             `yaml:"worker"`
	API      API                `yaml:"api"`
	Callback Callback           `yaml:"callback"`
	Log      Log                `yaml:"log"`
	Traces   Traces             `yaml:"traces"`

	// File is the file that was read; empty: there was none.
	File string `yaml:"-"`
}

// Redis says where everything is kept.
type Redis struct {
	Mode         string   `yaml:"mode"`  // single, sentinel, cluster, embedded
	Addrs        []string `yaml:"addrs"` // host:port
	Username     string   `yaml:"username"`
	Password     Secret   `yaml:"password"`
	DB           int      `yaml:"db"`            // 0 in a cluster
	MasterName   string   `yaml:"master_name"`   // sentinel only
	TLS          bool     `yaml:"tls"`           // 1.2 or newer
	CAFile       string   `yaml:"ca_file"`       // PEM: who vouches for the servers; empty: the system's authorities
	CertFile     string   `yaml:"cert_file"`     // PEM: our certificate, for servers that ask
	KeyFile      string   `yaml:"key_file"`      // its key
	WaitReplicas int      `yaml:"wait_replicas"` // replicas that must have a begin before the send
}

// WeChat says how WeChat is called. An account's own keys win over these.
type WeChat struct {
	BaseURL        string        `yaml:"base_url"`         // absolute http(s) URL, no slash at its end; a path is kept
	AllowPlainHTTP bool          `yaml:"allow_plain_http"` // plain http beyond loopback
	Proxy          Secret        `yaml:"proxy"`            // a proxy's URL, which may hold a password; empty: HTTPS_PROXY
	CAFile         string        `yaml:"ca_file"`          // PEM; empty: the system's
	Timeout        time.Duration `yaml:"timeout"`          // of one call
}

// Retry says how often and how fast a busy WeChat is asked again.
type Retry struct {
	MaxAttempts int           `yaml:"max_attempts"`
	MinDelay    time.Duration `yaml:"min_delay"`
	MaxDelay    time.Duration `yaml:"max_delay"`
}

// Park says how a stopped lane finds out that it may go on.
type Park struct {
	ProbeInterval time.Duration `yaml:"probe_interval"`
}

// Message says how long messages and their records live.
type Message struct {
	MaxAge time.Duration `yaml:"max_age"` // from send_at, or from acceptance
	Keep   time.Duration `yaml:"keep"`    // a record's life from its end
}

// Worker is the worker's own page and its end.
type Worker struct {
	Listen          string        `yaml:"listen"` // host:port
	User            string        `yaml:"user"`
	Password        Secret        `yaml:"password"`
	MetricsToken    Secret        `yaml:"metrics_token"`    // bearer token that reads /metrics and nothing else
	UI              string        `yaml:"ui"`               // read_only, read_write
	ShutdownTimeout time.Duration `yaml:"shutdown_timeout"` // from SIGTERM to exit; at least wechat.timeout + 5 s
}

// API is the HTTP API of enqueue serve.
type API struct {
	Listen string         `yaml:"listen"` // host:port
	Keys   map[string]Key `yaml:"keys"`   // by name: lower-case letters, digits, - and _
}

// Key is one caller's right to use the HTTP API.
type Key struct {
	Key      Secret   `yaml:"key"`      // at least 16 characters
	Scopes   []string `yaml:"scopes"`   // of Scopes
	Accounts []string `yaml:"accounts"` // empty: all
}

// Callback is where WeChat's pushes arrive.
type Callback struct {
	Listen string `yaml:"listen"` // host:port
}

// Traces says where spans go, as OpenTelemetry has them.
type Traces struct {
	Endpoint      string  `yaml:"endpoint"`      // OTLP over HTTP; empty: nobody is followed
	Authorization Secret  `yaml:"authorization"` // the header of that name
	Sample        float64 `yaml:"sample"`        // 0 to 1, of the traces that begin here
}

// Log says what is logged, to standard error.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // json, text
}
