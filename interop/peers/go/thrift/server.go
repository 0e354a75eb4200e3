package main

import (
	"context"
	"fmt"
	"log"

	"github.com/apache/thrift/lib/go/thrift"
	"tulle.dev/peers/echo"
	"tulle.dev/peers/idl"
)

func (m mode) serve(port int) error {
	socket, err := thrift.NewTServerSocket(fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	processor := &processor{&echo.Service{}}
	server := thrift.NewTSimpleServer4(processor, socket, m.transport, m.protocol)
	// Clients that go away are no news.
	server.SetLogger(func(string) {})
	if err := server.Listen(); err != nil {
		return err
	}
	go func() { log.Fatal(server.AcceptLoop()) }()
	return nil
}

// processor does what a generated one would.
type processor struct{ service *echo.Service }

func (p *processor) ProcessorMap() map[string]thrift.TProcessorFunction { return nil }

func (p *processor) AddToProcessorMap(string, thrift.TProcessorFunction) {}

func (p *processor) Process(ctx context.Context, in, out thrift.TProtocol) (bool, thrift.TException) {
	name, _, id, err := in.ReadMessageBegin(ctx)
	if err != nil {
		return false, thrift.WrapTException(err)
	}
	method, known := idl.Methods[name]
	if !known {
		return p.unknown(ctx, in, out, name, id)
	}
	args := structure{method.NewArgs()}
	if err := args.Read(ctx, in); err != nil {
		return false, thrift.WrapTException(err)
	}
	if err := in.ReadMessageEnd(ctx); err != nil {
		return false, thrift.WrapTException(err)
	}
	if method.NewResult == nil {
		method.Run(p.service, args.value, nil)
		return true, nil
	}
	result := structure{method.NewResult()}
	method.Run(p.service, args.value, result.value)
	return true, thrift.WrapTException(write(ctx, out, name, thrift.REPLY, id, result))
}

func (p *processor) unknown(
	ctx context.Context, in, out thrift.TProtocol, name string, id int32,
) (bool, thrift.TException) {
	if err := in.Skip(ctx, thrift.STRUCT); err != nil {
		return false, thrift.WrapTException(err)
	}
	if err := in.ReadMessageEnd(ctx); err != nil {
		return false, thrift.WrapTException(err)
	}
	problem := thrift.NewTApplicationException(thrift.UNKNOWN_METHOD, "unknown function "+name)
	return true, thrift.WrapTException(write(ctx, out, name, thrift.EXCEPTION, id, problem))
}

func write(
	ctx context.Context, out thrift.TProtocol, name string, kind thrift.TMessageType, id int32, body thrift.TStruct,
) error {
	if err := out.WriteMessageBegin(ctx, name, kind, id); err != nil {
		return err
	}
	if err := body.Write(ctx, out); err != nil {
		return err
	}
	if err := out.WriteMessageEnd(ctx); err != nil {
		return err
	}
	return out.Flush(ctx)
}
