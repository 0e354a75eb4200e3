package main

import (
	"context"
	"errors"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"tulle.dev/peers/echo"
	"tulle.dev/peers/idl"
)

// A connection has one call at a time: so many calls are on their way at most.
const connections = 32

// caller is a pool of connections.
type caller struct {
	mode
	address string
	free    chan *connection
}

// connection is opened by its first call, and again after a call that failed.
type connection struct {
	socket *thrift.TSocket
	client thrift.TClient
}

func (m mode) connect(address string) (echo.Client, error) {
	pool := &caller{m, address, make(chan *connection, connections)}
	for i := 0; i < connections; i++ {
		pool.free <- &connection{}
	}
	return &client{idl.NewClient(pool)}, nil
}

type client struct{ echo.Client }

func (c *client) Cannot(name string) string {
	if name == "oneway" {
		return "Thrift for Go says call of a one-way call, and who is between waits for an answer"
	}
	return c.Client.Cannot(name)
}

func (c *caller) Call(method string, args, result interface{}, timeoutMs int) error {
	conn := <-c.free
	defer func() { c.free <- conn }()
	if conn.client == nil {
		if err := c.open(conn); err != nil {
			return err
		}
	}
	// A structure is no nil, even around one.
	var into thrift.TStruct
	if result != nil {
		into = structure{result}
	}
	conn.socket.SetSocketTimeout(time.Duration(timeoutMs) * time.Millisecond)
	_, err := conn.client.Call(context.Background(), method, structure{args}, into)
	if err != nil {
		conn.socket.Close()
		conn.client = nil
	}
	return err
}

func (c *caller) open(conn *connection) error {
	conn.socket = thrift.NewTSocketConf(c.address, nil)
	transport, err := c.transport.GetTransport(conn.socket)
	if err != nil {
		return err
	}
	protocol := c.protocol.GetProtocol(transport)
	conn.client = thrift.NewTStandardClient(protocol, protocol)
	return transport.Open()
}

func (c *caller) IsTimeout(err error) bool {
	var problem thrift.TTransportException
	return errors.As(err, &problem) && problem.TypeId() == thrift.TIMED_OUT
}
