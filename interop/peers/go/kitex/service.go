package main

import (
	"context"

	"github.com/cloudwego/kitex/pkg/serviceinfo"
	"tulle.dev/peers/echo"
	"tulle.dev/peers/idl"
)

// newService says what the generated code of echo.thrift would.
func newService() *serviceinfo.ServiceInfo {
	methods := make(map[string]serviceinfo.MethodInfo)
	for name, method := range idl.Methods {
		run := method.Run
		handle := func(_ context.Context, service, args, result interface{}) error {
			run(service.(*echo.Service), args, result)
			return nil
		}
		methods[name] = serviceinfo.NewMethodInfo(handle, method.NewArgs, method.NewResult, method.NewResult == nil)
	}
	return &serviceinfo.ServiceInfo{
		ServiceName:  "tulle.Echo",
		HandlerType:  (*echo.Service)(nil),
		PayloadCodec: serviceinfo.Thrift,
		Extra:        map[string]interface{}{"PackageName": "tulle"},
		Methods:      methods,
	}
}
