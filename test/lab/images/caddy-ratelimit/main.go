// Command caddy is Caddy with the rate-limit module: what a user gets from
// `xcaddy build --with github.com/mholt/caddy-ratelimit`, with every module
// pinned by go.sum.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "github.com/mholt/caddy-ratelimit"
)

func main() {
	caddycmd.Main()
}
