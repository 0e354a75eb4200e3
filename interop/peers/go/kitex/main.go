// Command kitex is a peer of kitex: Thrift's binary protocol, framed or behind a TTHeader.
//
//	kitex framed|ttheader|ttheader-framed|ttheader-mux server|client …
package main

import (
	"fmt"
	"os"

	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/remote/codec/thrift"
	"github.com/cloudwego/kitex/transport"
	"tulle.dev/peers/echo"
)

// mode is a way to pack a message; servers find out which by themselves, but for multiplexing.
type mode struct {
	transport transport.Protocol
	mux       bool
}

var modes = map[string]mode{
	"framed":          {transport: transport.Framed},
	"ttheader":        {transport: transport.TTHeader},
	"ttheader-framed": {transport: transport.TTHeaderFramed},
	"ttheader-mux":    {transport: transport.TTHeader, mux: true},
}

// The structures are read and written by their tags: nothing has to be generated.
var codec = thrift.NewThriftCodecWithConfig(thrift.FrugalReadWrite)

func main() {
	klog.SetLevel(klog.LevelFatal)
	chosen, ok := mode{}, false
	if len(os.Args) > 1 {
		chosen, ok = modes[os.Args[1]]
	}
	if !ok {
		fmt.Fprintln(os.Stderr, "the first argument is framed, ttheader, ttheader-framed or ttheader-mux")
		os.Exit(1)
	}
	echo.Main(echo.Peer{Serve: chosen.serve, Connect: chosen.connect})
}
