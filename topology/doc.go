// Package topology holds workers and apps against a Redis that is more than one
// machine, or that asks who comes: a Cluster of three masters and three
// replicas, TLS, and a user with the least rights. All of it is redis-server
// processes on loopback that the tests start and stop. It is tests only.
package topology
