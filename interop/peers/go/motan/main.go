// Command motan is a peer of motan-go: Motan2 with its simple serialization.
package main

import (
	"fmt"
	"strings"

	motan "github.com/weibocom/motan-go"
	"github.com/weibocom/motan-go/config"
	"tulle.dev/peers/echo"
)

const (
	service = "demo.tulle.Echo"
	group   = "tulle"
)

func main() {
	echo.Main(echo.Peer{Serve: serve, Connect: connect})
}

// configure reads a configuration in the library's own words.
func configure(text string, values ...interface{}) (*config.Config, error) {
	yaml := strings.ReplaceAll(fmt.Sprintf(text, values...), "\t", "  ")
	return config.NewConfigFromReader(strings.NewReader(yaml))
}

var factory = motan.GetDefaultExtFactory()
