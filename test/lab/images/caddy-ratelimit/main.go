// Command caddy is Caddy with rate limits and Cloudflare's DNS: what a user
// gets from `xcaddy build --with github.com/mholt/caddy-ratelimit --with
// github.com/caddy-dns/cloudflare`, with every module pinned by go.sum.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddy-dns/cloudflare"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "github.com/mholt/caddy-ratelimit"
)

func main() {
	caddycmd.Main()
}
