// Command server is grpc-go's own answer to the interop cases, on a free port of loopback, with grpc.health.v1.
//
// It prints "listening PORT CONTROL". At CONTROL it takes HTTP: POST /SERVING and POST /NOT_SERVING set what the health
// service says of the whole server.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/interop"
	testpb "google.golang.org/grpc/interop/grpc_testing"
)

func main() {
	certificate := flag.String("certificate", "", "a certificate in PEM; without it the server speaks in the clear")
	key := flag.String("key", "", "its key")
	flag.Parse()

	var options []grpc.ServerOption
	if *certificate != "" {
		transport, err := credentials.NewServerTLSFromFile(*certificate, *key)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(transport))
	}
	calls, control := listen(), listen()
	server := grpc.NewServer(options...)
	status := health.NewServer()
	healthpb.RegisterHealthServer(server, status)
	testpb.RegisterTestServiceServer(server, interop.NewTestServer())
	go func() { log.Fatal(http.Serve(control, setter(status))) }()
	fmt.Printf("listening %d %d\n", port(calls), port(control))
	log.Fatal(server.Serve(calls))
}

func setter(status *health.Server) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		value, known := healthpb.HealthCheckResponse_ServingStatus_value[strings.Trim(request.URL.Path, "/")]
		if request.Method != http.MethodPost || !known {
			http.NotFound(response, request)
			return
		}
		status.SetServingStatus("", healthpb.HealthCheckResponse_ServingStatus(value))
	}
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func port(listener net.Listener) int {
	return listener.Addr().(*net.TCPAddr).Port
}
