package main

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"tulle.dev/peers/echo"
)

func (d definition) serve(port int) error {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	about := &grpc.ServiceDesc{ServiceName: string(d.FullName()), HandlerType: (*interface{})(nil)}
	for i := 0; i < d.Methods().Len(); i++ {
		about.Methods = append(about.Methods, describe(d.Methods().Get(i)))
	}
	server := grpc.NewServer()
	server.RegisterService(about, &echo.Service{})
	go server.Serve(listener)
	return nil
}

func describe(method protoreflect.MethodDescriptor) grpc.MethodDesc {
	handle := func(
		service interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor,
	) (interface{}, error) {
		in := newMessage(method.Input())
		if err := decode(in.Message); err != nil {
			return nil, err
		}
		out, err := answer(service.(*echo.Service), method, in)
		return out.Message, err
	}
	return grpc.MethodDesc{MethodName: string(method.Name()), Handler: handle}
}

func answer(service *echo.Service, method protoreflect.MethodDescriptor, in message) (message, error) {
	out := newMessage(method.Output())
	switch method.Name() {
	case "echo", "nested":
		return in, nil
	case "fail":
		return out, status.Error(codes.Internal, service.Fail(in.text("text")).Error())
	case "nothing":
		return out, nil
	case "fire":
		service.Fire()
		return out, nil
	case "fired":
		return out.with("number", service.Fired()), nil
	case "sleep":
		return out.with("text", service.Sleep(in.number("number"))), nil
	}
	return out, status.Error(codes.Unimplemented, string(method.Name()))
}
