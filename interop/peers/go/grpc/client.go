package main

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"tulle.dev/peers/echo"
)

type client struct {
	definition
	conn *grpc.ClientConn
}

func (d definition) connect(address string) (echo.Client, error) {
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	conn, err := grpc.NewClient("passthrough:///"+address, plain)
	return &client{d, conn}, err
}

func (c *client) Echo(text string) (string, error) {
	back, err := c.call("echo", c.input("echo").with("text", text))
	return back.text("text"), err
}

func (c *client) Nested(order echo.Order) (echo.Order, error) {
	back, err := c.call("nested", toMessage(c.input("nested"), order))
	return fromMessage(back), err
}

func (c *client) Fail(why string) error {
	_, err := c.call("fail", c.input("fail").with("text", why))
	return err
}

func (c *client) Nothing() (bool, error) {
	back, err := c.call("nothing", c.input("nothing"))
	return !back.has("text"), err
}

func (c *client) Fire(text string) error { return nil }

func (c *client) Fired() (int32, error) {
	back, err := c.call("fired", c.input("fired"))
	return back.number("number"), err
}

func (c *client) Sleep(ms int32) error {
	_, err := c.callWithin(echo.ShortMs, "sleep", c.input("sleep").with("number", ms))
	return err
}

func (c *client) IsTimeout(err error) bool { return status.Code(err) == codes.DeadlineExceeded }

func (c *client) Cannot(name string) string {
	if name == "oneway" {
		return "gRPC has no one-way calls"
	}
	return ""
}

func (c *client) method(name string) protoreflect.MethodDescriptor {
	return c.Methods().ByName(protoreflect.Name(name))
}

func (c *client) input(name string) message { return newMessage(c.method(name).Input()) }

func (c *client) call(name string, in message) (message, error) {
	return c.callWithin(echo.LongMs, name, in)
}

func (c *client) callWithin(ms int, name string, in message) (message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(ms)*time.Millisecond)
	defer cancel()
	out := newMessage(c.method(name).Output())
	return out, c.conn.Invoke(ctx, c.path(c.method(name)), in.Message, out.Message)
}

func toMessage(whole message, order echo.Order) message {
	whole.with("id", order.ID)
	items := whole.Mutable(whole.field("items")).List()
	for _, each := range order.Items {
		item := message{items.AppendMutable().Message().Interface().(*dynamicpb.Message)}
		item.with("sku", each.Sku).with("count", each.Count)
	}
	if order.Note != nil {
		whole.with("note", *order.Note)
	}
	return whole
}

func fromMessage(whole message) echo.Order {
	order := echo.Order{ID: whole.text("id")}
	items := whole.Get(whole.field("items")).List()
	for i := 0; i < items.Len(); i++ {
		item := message{items.Get(i).Message().Interface().(*dynamicpb.Message)}
		order.Items = append(order.Items, echo.Item{Sku: item.text("sku"), Count: item.number("count")})
	}
	if whole.has("note") {
		note := whole.text("note")
		order.Note = &note
	}
	return order
}
