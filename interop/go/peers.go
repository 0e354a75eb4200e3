//go:build peers

// Package peers names the programs of others that are built here, so that go.mod keeps what they need.
package peers

import (
	_ "github.com/summerwind/h2spec/cmd/h2spec"
	_ "google.golang.org/grpc/interop/client"
)
