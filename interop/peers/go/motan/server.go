package main

import (
	"github.com/weibocom/motan-go"
	"github.com/weibocom/motan-go/core"
	"tulle.dev/peers/echo"
)

// Only what is told to be an agent listens at its host alone.
const serverConfig = `
motan-server:
	log_dir: stdout
	log_level: fatal
	application: tulle
motan-registry:
	direct:
		protocol: direct
motan-service:
	echo:
		path: %s
		group: %s
		protocol: motan2
		registry: direct
		serialization: simple
		provider: tulle
		ref: echo
		nodeType: agent
		host: 127.0.0.1
		export: "motan2:%d"
`

func serve(port int) error {
	config, err := configure(serverConfig, service, group, port)
	if err != nil {
		return err
	}
	factory.RegistExtProvider("tulle", func(url *core.URL) core.Provider { return &provider{url: url} })
	server := motan.NewMotanServerContextFromConfig(config)
	if err := server.RegisterService(&echo.Service{}, "echo"); err != nil {
		return err
	}
	server.Start(nil)
	return nil
}

// The library's own provider answers a failed call without its message.
type provider struct {
	url     *core.URL
	service *echo.Service
}

func (p *provider) SetService(service interface{})         { p.service = service.(*echo.Service) }
func (p *provider) GetURL() *core.URL                      { return p.url }
func (p *provider) SetURL(url *core.URL)                   { p.url = url }
func (p *provider) GetPath() string                        { return p.url.Path }
func (p *provider) IsAvailable() bool                      { return true }
func (p *provider) Destroy()                               {}
func (p *provider) GetRuntimeInfo() map[string]interface{} { return nil }

func (p *provider) Call(request core.Request) core.Response {
	if err := request.ProcessDeserializable(nil); err != nil {
		return failure(request, 400, core.ServiceException, err.Error())
	}
	var value interface{}
	switch arguments := request.GetArguments(); request.GetMethod() {
	case "echo":
		value = arguments[0]
	case "nested":
		value = toMap(fromMap(arguments[0].(map[interface{}]interface{})))
	case "fail":
		return failure(request, 500, core.BizException, p.service.Fail(arguments[0].(string)).Error())
	case "nothing":
	case "fire":
		p.service.Fire()
	case "fired":
		value = p.service.Fired()
	case "sleep":
		value = p.service.Sleep(arguments[0].(int32))
	default:
		return failure(request, 404, core.ServiceException, "no method "+request.GetMethod())
	}
	return &core.MotanResponse{RequestID: request.GetRequestID(), Value: value}
}

func failure(request core.Request, code int, kind int, why string) core.Response {
	exception := &core.Exception{ErrCode: code, ErrMsg: why, ErrType: kind}
	return core.BuildExceptionResponse(request.GetRequestID(), exception)
}
