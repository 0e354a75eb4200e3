package idl

import "tulle.dev/peers/echo"

// Method is one of echo.thrift, as generated code would have it.
type Method struct {
	NewArgs func() interface{}
	// NewResult is nil for a method that is called one-way.
	NewResult func() interface{}
	Run       func(service *echo.Service, args, result interface{})
}

// Methods are all methods of echo.thrift by their names.
var Methods = map[string]Method{
	"echo": method(func(_ *echo.Service, args *TextArgs, result *TextResult) {
		result.Success = &args.Text
	}),
	"nested": method(func(_ *echo.Service, args *OrderArgs, result *OrderResult) {
		result.Success = args.Order
	}),
	"fail": method(func(service *echo.Service, args *TextArgs, result *FailResult) {
		result.Failure = &Failure{Why: service.Fail(args.Text).Error()}
	}),
	"fire": oneway(func(service *echo.Service, _ *TextArgs) { service.Fire() }),
	"fired": method(func(service *echo.Service, _ *Nothing, result *NumberResult) {
		count := service.Fired()
		result.Success = &count
	}),
	"sleep": method(func(service *echo.Service, args *NumberArgs, result *TextResult) {
		said := service.Sleep(args.Number)
		result.Success = &said
	}),
}

func method[A, R any](run func(*echo.Service, *A, *R)) Method {
	return Method{
		NewArgs:   func() interface{} { return new(A) },
		NewResult: func() interface{} { return new(R) },
		Run: func(service *echo.Service, args, result interface{}) {
			run(service, args.(*A), result.(*R))
		},
	}
}

func oneway[A any](run func(*echo.Service, *A)) Method {
	return Method{
		NewArgs: func() interface{} { return new(A) },
		Run:     func(service *echo.Service, args, _ interface{}) { run(service, args.(*A)) },
	}
}
