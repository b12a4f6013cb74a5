package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // on our side: the address is taken
	exitUsage = 2
)

// usageError is a mistake in the arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run is the program: it serves until ctx ends, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	started := false
	cmd := command(&started)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "wechatsim:", err)
	var usage usageError
	if !started || errors.As(err, &usage) {
		fmt.Fprintln(stderr, "Try: wechatsim --help")
		return exitUsage
	}
	return exitFault
}

// command builds the command line; started is set once the arguments were
// understood, so that what goes wrong after it is no usage error.
func command(started *bool) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "wechatsim",
		Short: "A stand-in for WeChat's servers that counts for itself",
		Long: `wechatsim answers as WeChat does: both token interfaces and the six send
interfaces, with form ids, quotas, client_msg_id windows and, on demand, faults.
Point wechat.base_url at the URL that it prints. It is steered and inspected
under /sim/ of the same address:

  GET  /sim/stats  /sim/delivered  /sim/deliveries  /sim/wait?deliveries=N
  GET, POST, DELETE  /sim/faults
  POST /sim/permits  /sim/permits/expire  /sim/quota  /sim/rate  /sim/blocks
  POST /sim/templates  /sim/withdraw  /sim/settings
  GET, POST  /sim/pushes    POST /sim/push
  POST /sim/tokens/expire  /sim/tokens/revoke  /sim/reset

On SIGTERM or SIGINT it stops and prints its counts as JSON.`,
		Example: `  wechatsim
  wechatsim --app wx0123456789abcdef:s3cret:official --latency 20ms
  wechatsim --busy 0.05 --cut 0.01 --seed 7
  curl -d '{"kind":"template","mode":"late","delay":"8s","times":3}' 127.0.0.1:8090/sim/faults
  curl -d '{"appid":"wx0123456789abcdef","url":"http://127.0.0.1:8082/wechat/shop","token":"t","statuses":{"failed:user block":0.1}}' 127.0.0.1:8090/sim/pushes
  curl 127.0.0.1:8090/sim/delivered`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			*started = true
			return serve(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.declare(cmd.Flags())
	return cmd
}

// checkListen refuses an address beyond loopback unless that is allowed: the
// stand-in takes orders from anyone who reaches it.
func checkListen(addr string, remote bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usageError{fmt.Errorf("--listen is %q; wanted is host:port, like 127.0.0.1:8090", addr)}
	}
	ip := net.ParseIP(host)
	if remote || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return usageError{fmt.Errorf("--listen is %q, which others can reach, and the stand-in takes orders from anyone; listen on 127.0.0.1, or add --allow-remote in a closed network", addr)}
}
