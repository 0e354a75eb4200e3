// Command thrift is a peer of Apache's own Thrift: the binary or the compact protocol in frames, or either behind a
// THeader.
//
//	thrift binary|compact|header|header-compact server|client …
package main

import (
	"fmt"
	"os"

	"github.com/apache/thrift/lib/go/thrift"
	"tulle.dev/peers/echo"
)

// mode is how messages are packed.
type mode struct {
	transport thrift.TTransportFactory
	protocol  thrift.TProtocolFactory
}

func modeOf(name string) (mode, bool) {
	config := &thrift.TConfiguration{}
	switch name {
	case "binary":
		return mode{framed(config), thrift.NewTBinaryProtocolFactoryConf(config)}, true
	case "compact":
		return mode{framed(config), thrift.NewTCompactProtocolFactoryConf(config)}, true
	case "header":
		return header(thrift.THeaderProtocolBinary), true
	case "header-compact":
		return header(thrift.THeaderProtocolCompact), true
	}
	return mode{}, false
}

func framed(config *thrift.TConfiguration) thrift.TTransportFactory {
	return thrift.NewTFramedTransportFactoryConf(thrift.NewTTransportFactory(), config)
}

func header(id thrift.THeaderProtocolID) mode {
	config := &thrift.TConfiguration{THeaderProtocolID: thrift.THeaderProtocolIDPtrMust(id)}
	return mode{thrift.NewTHeaderTransportFactoryConf(nil, config), thrift.NewTHeaderProtocolFactoryConf(config)}
}

func main() {
	chosen, ok := mode{}, false
	if len(os.Args) > 1 {
		chosen, ok = modeOf(os.Args[1])
	}
	if !ok {
		fmt.Fprintln(os.Stderr, "the first argument is binary, compact, header or header-compact")
		os.Exit(1)
	}
	echo.Main(echo.Peer{Serve: chosen.serve, Connect: chosen.connect})
}
