package main

import (
	"context"
	"time"

	kitex "github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/client/callopt"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"tulle.dev/peers/echo"
	"tulle.dev/peers/idl"
)

// A connection has one call at a time unless it is multiplexed: so many calls are on their way at most.
const (
	connections = 32
	multiplexed = 1000
)

type caller struct {
	kitex kitex.Client
	turns chan struct{}
}

func (m mode) connect(address string) (echo.Client, error) {
	service := newService()
	options := []kitex.Option{
		kitex.WithHostPorts(address),
		kitex.WithDestService(service.ServiceName),
		kitex.WithTransportProtocol(m.transport),
		kitex.WithPayloadCodec(codec),
	}
	turns := connections
	if m.mux {
		options = append(options, kitex.WithMuxConnection(1))
		turns = multiplexed
	} else {
		options = append(options, kitex.WithLongConnection(connpool.IdleConfig{
			MaxIdlePerAddress: connections,
			MaxIdleGlobal:     connections,
			MaxIdleTimeout:    time.Minute,
		}))
	}
	made, err := kitex.NewClient(service, options...)
	return idl.NewClient(&caller{made, make(chan struct{}, turns)}), err
}

func (c *caller) Call(method string, args, result interface{}, timeoutMs int) error {
	c.turns <- struct{}{}
	defer func() { <-c.turns }()
	timeout := callopt.WithRPCTimeout(time.Duration(timeoutMs) * time.Millisecond)
	ctx := kitex.NewCtxWithCallOptions(context.Background(), []callopt.Option{timeout})
	return c.kitex.Call(ctx, method, args, result)
}

func (c *caller) IsTimeout(err error) bool { return kerrors.IsTimeoutError(err) }
