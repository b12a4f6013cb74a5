package config

// Redis.Mode: how Redis is reached.
const (
	Single   = "single"
	Sentinel = "sentinel"
	Cluster  = "cluster"
	Embedded = "embedded" // inside the worker, for trying and tests only
)

// Account.Token: how an access_token is got.
const (
	TokenStable   = "stable"   // /cgi-bin/stable_token
	TokenClassic  = "classic"  // /cgi-bin/token
	TokenExternal = "external" // from TokenSource
)

// InDoubt.Then: what ends a doubt.
const (
	ThenDrop   = "drop"
	ThenResend = "resend"
)

// Account.Consents: whether a message without a consent is sent.
const (
	Observe = "observe" // send, spend what is known
	Enforce = "enforce" // nothing without a consent
)

// Account.TemplateCheck: what a message that does not fit its template meets.
const (
	CheckStrict = "strict" // refusal
	CheckWarn   = "warn"
	CheckOff    = "off"
)

// Worker.UI: what the web page may do.
const (
	ReadOnly  = "read_only"
	ReadWrite = "read_write"
)

// Key.Scopes: what an API key is allowed.
const (
	ScopeSend  = "send"
	ScopeRead  = "read"
	ScopeToken = "token"
	ScopeAdmin = "admin"
	ScopePush  = "push"
)

// Scopes returns what an API key may be allowed.
func Scopes() []string {
	return []string{ScopeSend, ScopeRead, ScopeToken, ScopeAdmin, ScopePush}
}
