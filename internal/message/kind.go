package message

// Kind is the kind of a message: which of WeChat's send interfaces it uses.
type Kind string

// The six kinds (shared vocabulary with WeChat's documents; withdrawn ones are
// still spoken by private deployments, gateways and test stands).
const (
	Template  Kind = "template"  // official account: template message
	Bizsend   Kind = "bizsend"   // official account: subscription message
	Onetime   Kind = "onetime"   // official account: one-time subscription
	WXOpen    Kind = "wxopen"    // mini program: template message (withdrawn by WeChat 2020-01-10)
	Uniform   Kind = "uniform"   // mini program: uniform service message (withdrawn 2023-09-20)
	Subscribe Kind = "subscribe" // mini program: subscription message
)

// AccountType is what an account is at WeChat; it decides which kinds it sends.
type AccountType string

// The two types of account.
const (
	Official    AccountType = "official"
	MiniProgram AccountType = "miniprogram"
)

type kindFacts struct {
	account AccountType
	path    string
}

var kindTable = map[Kind]kindFacts{
	Template:  {Official, "/cgi-bin/message/template/send"},
	Bizsend:   {Official, "/cgi-bin/message/subscribe/bizsend"},
	Onetime:   {Official, "/cgi-bin/message/template/subscribe"},
	WXOpen:    {MiniProgram, "/cgi-bin/message/wxopen/template/send"},
	Uniform:   {MiniProgram, "/cgi-bin/message/wxopen/template/uniform_send"},
	Subscribe: {MiniProgram, "/cgi-bin/message/subscribe/send"},
}

// Kinds returns all kinds, the official account's first, in a fixed order.
func Kinds() []Kind {
	return []Kind{Template, Bizsend, Onetime, WXOpen, Uniform, Subscribe}
}

// Valid tells whether k is one of the six kinds.
func (k Kind) Valid() bool { _, ok := kindTable[k]; return ok }

// AccountType returns the type of account that sends this kind, or "" for an
// unknown kind.
func (k Kind) AccountType() AccountType { return kindTable[k].account }

// Path returns the path of WeChat's send interface, below the base URL and
// without query, or "" for an unknown kind.
func (k Kind) Path() string { return kindTable[k].path }

// Valid tells whether t is one of the two types.
func (t AccountType) Valid() bool { return t == Official || t == MiniProgram }

// Kinds returns the kinds that an account of this type sends.
func (t AccountType) Kinds() []Kind {
	var kinds []Kind
	for _, k := range Kinds() {
		if k.AccountType() == t {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// Sends tells whether an account of this type sends kind k.
func (t AccountType) Sends(k Kind) bool { return t != "" && k.AccountType() == t }
