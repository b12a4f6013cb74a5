package api

import (
	"context"

	"wxdispatch/internal/standing"
)

// AccountList is the accounts that a key may see, by name.
type AccountList struct {
	Accounts []standing.Account `json:"accounts"`
}

func (a *API) listAccounts(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	all, err := a.Accounts.List(ctx)
	if err != nil {
		return answer{}, err
	}
	list := AccountList{Accounts: []standing.Account{}}
	for _, account := range all {
		if c.key.sees(account.Name) {
			list.Accounts = append(list.Accounts, account)
		}
	}
	return ok(list), nil
}

func (a *API) showAccount(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	return a.stands(ctx, c)
}

// stands answers how the path's account stands.
func (a *API) stands(ctx context.Context, c *call) (answer, error) {
	account, err := a.Accounts.Show(ctx, c.PathValue("account"))
	if err != nil {
		return answer{}, err
	}
	return ok(account), nil
}
