package echo

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// Peer is a program of one framework, as both sides.
type Peer struct {
	// Serve listens on this port of 127.0.0.1, and returns.
	Serve func(port int) error
	// Connect makes a client of the service there.
	Connect func(address string) (Client, error)
}

// Main does what the last arguments say: `server PORT` or `client HOST:PORT CASE,…`.
func Main(peer Peer) {
	if err := run(peer, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(peer Peer, args []string) error {
	for len(args) > 0 && args[0] != "server" && args[0] != "client" {
		args = args[1:]
	}
	if len(args) == 2 && args[0] == "server" {
		port, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		if err := peer.Serve(port); err != nil {
			return err
		}
		fmt.Println("ready")
		// Frameworks take their time to end, and there is nothing to save.
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
		<-told
		os.Exit(0)
	}
	if len(args) == 3 && args[0] == "client" {
		client, err := peer.Connect(args[1])
		if err != nil {
			return err
		}
		runCases(client, strings.Split(args[2], ","))
		return nil
	}
	return fmt.Errorf("usage: server PORT | client HOST:PORT CASE,…")
}
