package api

import "context"

// AccountList is the accounts that a key may see, by name.
type AccountList struct {
	Accounts []Account `json:"accounts"`
}

func (a *API) listAccounts(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	all, err := a.Accounts.List(ctx)
	if err != nil {
		return answer{}, err
	}
	list := AccountList{Accounts: []Account{}}
	for _, account := range all {
		if c.key.sees(account.Name) {
			list.Accounts = append(list.Accounts, account)
		}
	}
	return ok(list), nil
}
