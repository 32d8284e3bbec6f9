// Vault's own core, HTTP handler, KV engine and AppRole in memory: the oracle for what Ringwall says to Vault. Takes
// those options of `vault server -dev` that the tests use, so that the whole program serves as well:
//
//	vault server -dev -dev-listen-address=127.0.0.1:PORT -dev-root-token-id=TOKEN
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	log "github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

func main() {
	address, token := "127.0.0.1:8200", "root"
	for _, argument := range os.Args[1:] {
		if value, ok := strings.CutPrefix(argument, "-dev-listen-address="); ok {
			address = value
		}
		if value, ok := strings.CutPrefix(argument, "-dev-root-token-id="); ok {
			token = value
		}
	}
	listener, err := net.Listen("tcp", address)
	must(err)
	core := unsealed("http://"+address, token)
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{}})
	must((&http.Server{Handler: handler}).Serve(listener))
}

func unsealed(address, token string) *vault.Core {
	logger := log.New(&log.LoggerOptions{Level: log.Error, Output: os.Stderr})
	storage, err := inmem.NewInmemHA(nil, logger)
	must(err)
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		DisableMlock:       true,
		Logger:             logger,
		RedirectAddr:       address,
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory},
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory},
		BuiltinRegistry:    registry{},
		DefaultLeaseTTL:    time.Hour,
		MaxLeaseTTL:        24 * time.Hour,
	})
	must(err)
	ctx := namespace.RootContext(context.Background())
	made, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}})
	must(err)
	_, err = core.Unseal(made.SecretShares[0])
	must(err)
	_, err = core.HandleRequest(ctx, &logical.Request{
		Operation:   logical.UpdateOperation,
		ClientToken: made.RootToken,
		Path:        "auth/token/create",
		Data:        map[string]interface{}{"id": token, "policies": []string{"root"}, "no_parent": true},
	})
	must(err)
	return core
}

// What the catalogue of plugins is told of: nothing but the two that are linked in.
type registry struct{}

func (registry) factory(name string, kind consts.PluginType) logical.Factory {
	switch {
	case name == "kv" && kind == consts.PluginTypeSecrets:
		return kv.Factory
	case name == "approle" && kind == consts.PluginTypeCredential:
		return approle.Factory
	}
	return nil
}

func (r registry) Contains(name string, kind consts.PluginType) bool {
	return r.factory(name, kind) != nil
}

func (r registry) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	factory := r.factory(name, kind)
	return func() (interface{}, error) { return factory, nil }, factory != nil
}

func (r registry) Keys(kind consts.PluginType) []string {
	keys := []string{}
	for _, name := range []string{"kv", "approle"} {
		if r.Contains(name, kind) {
			keys = append(keys, name)
		}
	}
	return keys
}

func (r registry) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, r.Contains(name, kind)
}

func (registry) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
