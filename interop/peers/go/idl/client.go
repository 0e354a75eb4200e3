package idl

import (
	"errors"

	"tulle.dev/peers/echo"
)

// Caller is a library that calls methods of echo.thrift.
type Caller interface {
	// Call fills the result, which is nil for a method that is called one-way.
	Call(method string, args, result interface{}, timeoutMs int) error
	// IsTimeout says whether this is how the library says that a call took too long.
	IsTimeout(err error) bool
}

// NewClient makes a client of the service out of a library.
func NewClient(caller Caller) echo.Client { return &client{caller} }

type client struct{ Caller }

var errMissing = errors.New("the answer has no result")

func (c *client) Echo(text string) (string, error) {
	var result TextResult
	err := c.Call("echo", &TextArgs{text}, &result, echo.LongMs)
	return value(result.Success, err)
}

func (c *client) Nested(order echo.Order) (echo.Order, error) {
	var result OrderResult
	err := c.Call("nested", &OrderArgs{FromOrder(order)}, &result, echo.LongMs)
	back, err := value(result.Success, err)
	return ToOrder(&back), err
}

func (c *client) Fail(why string) error {
	var result FailResult
	err := c.Call("fail", &TextArgs{why}, &result, echo.LongMs)
	if err == nil && result.Failure != nil {
		err = errors.New(result.Failure.Why)
	}
	return err
}

func (c *client) Nothing() (bool, error) { return false, nil }

func (c *client) Fire(text string) error {
	return c.Call("fire", &TextArgs{text}, nil, echo.LongMs)
}

func (c *client) Fired() (int32, error) {
	var result NumberResult
	err := c.Call("fired", &Nothing{}, &result, echo.LongMs)
	return value(result.Success, err)
}

func (c *client) Sleep(ms int32) error {
	return c.Call("sleep", &NumberArgs{ms}, &TextResult{}, echo.ShortMs)
}

func (c *client) Cannot(name string) string {
	if name == "null" {
		return "Thrift has no null result"
	}
	return ""
}

func value[T any](success *T, err error) (T, error) {
	if err == nil && success == nil {
		err = errMissing
	}
	if err != nil {
		var none T
		return none, err
	}
	return *success, nil
}
