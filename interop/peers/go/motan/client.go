package main

import (
	"net"
	"strings"

	"github.com/weibocom/motan-go"
	"tulle.dev/peers/echo"
)

const clientConfig = `
motan-client:
	log_dir: stdout
	log_level: fatal
	application: tulle
motan-registry:
	direct:
		protocol: direct
		host: %s
		port: %s
motan-refer:
	echo:
		path: %s
		group: %s
		protocol: motan2
		registry: direct
		serialization: simple
		haStrategy: failover
		loadbalance: random
		retries: 0
		asyncInitConnection: false
		errorCountThreshold: 0
		requestTimeout: %d
		"sleep().requestTimeout": %d
`

type client struct{ motan *motan.Client }

func connect(address string) (echo.Client, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	config, err := configure(clientConfig, host, port, service, group, echo.LongMs, echo.ShortMs)
	if err != nil {
		return nil, err
	}
	context := motan.NewClientContextFromConfig(config)
	context.Start(nil)
	return &client{context.GetClient("echo")}, nil
}

func (c *client) Echo(text string) (string, error) {
	var back string
	err := c.call("echo", &back, text)
	return back, err
}

func (c *client) Nested(order echo.Order) (echo.Order, error) {
	var back map[interface{}]interface{}
	if err := c.call("nested", &back, toMap(order)); err != nil {
		return echo.Order{}, err
	}
	return fromMap(back), nil
}

func (c *client) Fail(why string) error { return c.call("fail", nil, why) }

func (c *client) Nothing() (bool, error) {
	request := c.motan.BuildRequest("nothing", nil)
	result := "untouched"
	err := c.motan.BaseCall(request, &result)
	return result == "untouched", err
}

// Fire cannot wait: the library does, for an answer that nobody has to give.
func (c *client) Fire(text string) error {
	request := c.motan.BuildRequest("fire", []interface{}{text})
	request.GetRPCContext(true).Oneway = true
	c.motan.BaseGo(request, nil, nil)
	return nil
}

func (c *client) Fired() (int32, error) {
	var count int32
	err := c.call("fired", &count)
	return count, err
}

func (c *client) Sleep(ms int32) error { return c.call("sleep", nil, ms) }

func (c *client) IsTimeout(err error) bool { return strings.Contains(err.Error(), "timeout err:") }

func (c *client) Cannot(string) string { return "" }

func (c *client) call(method string, reply interface{}, arguments ...interface{}) error {
	return c.motan.Call(method, arguments, reply)
}
