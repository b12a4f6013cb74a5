package config_test

import (
	"fmt"

	"wxdispatch/internal/config"
)

// A program passes os.Environ(); every mistake comes at once, with its path.
func ExampleLoad() {
	_, err := config.Load(config.Options{Env: []string{
		"WXDISPATCH_ACCOUNTS_SHOP_TYPE=official",
		"WXDISPATCH_ACCOUNTS_SHOP_RATE=fast",
		"WXDISPATCH_REDIS_MODE=singel",
	}})
	fmt.Println(err)
	// Output:
	// config.load: configuration: 2 mistakes: accounts.shop.rate: found "fast"; write a number (WXDISPATCH_ACCOUNTS_SHOP_RATE); redis.mode: found "singel"; use single, sentinel, cluster or embedded (WXDISPATCH_REDIS_MODE)
}
