// Command grpc is a peer of grpc-go. It reads echo.proto when it starts: nothing has to be generated.
//
//	grpc ECHO.PROTO server|client …
package main

import (
	"fmt"
	"os"

	"github.com/jhump/protoreflect/desc/protoparse"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"tulle.dev/peers/echo"
)

func main() {
	service, err := readService(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	echo.Main(echo.Peer{Serve: service.serve, Connect: service.connect})
}

// definition is the service of echo.proto.
type definition struct{ protoreflect.ServiceDescriptor }

func readService(args []string) (definition, error) {
	if len(args) == 0 {
		return definition{}, fmt.Errorf("the first argument is the path of echo.proto")
	}
	parsed, err := protoparse.Parser{}.ParseFiles(args[0])
	if err != nil {
		return definition{}, err
	}
	file, err := protodesc.NewFile(parsed[0].AsFileDescriptorProto(), protoregistry.GlobalFiles)
	if err != nil {
		return definition{}, err
	}
	return definition{file.Services().ByName("Echo")}, nil
}

func (d definition) path(method protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", d.FullName(), method.Name())
}

// message is one of echo.proto, whose fields go by their names.
type message struct{ *dynamicpb.Message }

func newMessage(of protoreflect.MessageDescriptor) message { return message{dynamicpb.NewMessage(of)} }

func (m message) field(name string) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByName(protoreflect.Name(name))
}

func (m message) has(name string) bool { return m.Has(m.field(name)) }

func (m message) text(name string) string { return m.Get(m.field(name)).String() }

func (m message) number(name string) int32 { return int32(m.Get(m.field(name)).Int()) }

// with sets a field, to a string or an int32.
func (m message) with(name string, value interface{}) message {
	m.Set(m.field(name), protoreflect.ValueOf(value))
	return m
}
