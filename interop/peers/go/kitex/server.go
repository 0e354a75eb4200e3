package main

import (
	"net"
	"time"

	"github.com/cloudwego/kitex/server"
	"tulle.dev/peers/echo"
)

const startingMs = 5000

func (m mode) serve(port int) error {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	options := []server.Option{server.WithServiceAddr(address), server.WithPayloadCodec(codec)}
	if m.mux {
		options = append(options, server.WithMuxTransport())
	}
	listening := server.NewServer(options...)
	if err := listening.RegisterService(newService(), &echo.Service{}); err != nil {
		return err
	}
	end := make(chan error, 1)
	go func() { end <- listening.Run() }()
	return answers(address, end)
}

// answers waits until somebody listens there, or the server has come to its end.
func answers(address *net.TCPAddr, end <-chan error) error {
	deadline := time.Now().Add(startingMs * time.Millisecond)
	for {
		conn, err := net.DialTCP("tcp", nil, address)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-end:
			return err
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}
