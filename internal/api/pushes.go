package api

import (
	"context"
	"net/http"
)

// takePush takes a push of WeChat's that the app received itself.
func (a *API) takePush(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	taken, err := a.Pushes.Take(ctx, c.PathValue("account"), body)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: taken}, nil
}
