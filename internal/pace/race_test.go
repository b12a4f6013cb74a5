//go:build race

package pace

// The race detector makes the simulations ten times slower: fewer of them.
const raced = true
