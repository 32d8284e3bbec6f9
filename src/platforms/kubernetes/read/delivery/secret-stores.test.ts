import { describe, expect, test } from "vitest";
import { clusterOf } from "../../testing/manifests.ts";

function stores(text: string) {
  return clusterOf(text)
    .all("repository-file")
    .flatMap(({ configuration }) => (configuration?.software === "secret-store" ? [configuration] : []));
}

function storeAt(server: string, more = ""): string {
  return `apiVersion: external-secrets.io/v1beta1\nkind: SecretStore\nmetadata: {name: vault, namespace: media}\nspec: {provider: {vault: {server: ${JSON.stringify(server)}, auth: {jwt: {path: "http://no.address"}}}}}\n${more}`;
}

// covers: S5 | kubernetes
describe("A SecretStore", () => {
  test.each([
    ["http://localhost:8200", "pod"],
    ["http://127.0.0.1", "pod"],
    ["http://[::1]:8200", "pod"],
    ["http://vault:8200", "cluster"],
    ["http://vault.vault:8200", "cluster"],
    ["http://vault.media:8200", "cluster"],
    ["http://vault.security.svc:8200/v1", "cluster"],
    ["http://vault.security.svc.cluster.local.", "cluster"],
    ["http://vault.lan:8200", "private"],
    ["https://vault.home.arpa", "private"],
    ["http://user:secret@192.168.1.5:8200", "private"],
    ["http://[fd00::5]:8200", "private"],
    ["http://vault.org:8200", "public"],
    ["http://203.0.113.7.example.org", "public"],
    ["HTTP://8.8.8.8", "public"],
  ])("at %s asks as far as the %s.", (server, expected) => {
    const [store] = stores(storeAt(server));
    expect(store?.addresses.items.map(({ field, reach }) => [field, reach.kind === "stated" && reach.value])).toEqual([
      ["vault.server", expected],
    ]);
  });

  test.each(["vault.example.org:8200", "{{ .Values.address }}", "http://{{ .host }}/x", "http://", "ftp://x"])(
    "at %s asks nobody knows whom.",
    (server) => {
      const [address] = stores(storeAt(server))[0]?.addresses.items ?? [];
      expect([address?.url.kind, address?.reach.kind]).toEqual(["unknown", "unknown"]);
    },
  );

  test("shows neither who signs in at an address, nor its path.", () => {
    expect(JSON.stringify(stores(storeAt("http://user:hidden-word@vault.lan/hidden-path")))).not.toContain("hidden-");
  });

  test("has every address of its provider, whatever it calls it.", () => {
    const spec = (provider: string) =>
      `apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: one}\nspec: {provider: {${provider}}}\n`;
    const fields = (provider: string) => stores(spec(provider))[0]?.addresses.items.map(({ field }) => field);
    expect(
      fields(
        "bitwardensecretsmanager: {apiURL: 'http://a', identityURL: 'http://b', bitwardenServerSDKURL: 'http://c', organizationID: x}",
      ),
    ).toEqual([
      "bitwardensecretsmanager.apiURL",
      "bitwardensecretsmanager.identityURL",
      "bitwardensecretsmanager.bitwardenServerSDKURL",
    ]);
    expect(fields("secretserver: {serverURL: 'http://a'}, extra: 1")).toEqual(["secretserver.serverURL"]);
    expect(fields("kubernetes: {server: {url: 'http://a'}}")).toEqual(["kubernetes.server.url"]);
    expect(fields("akeyless: {akeylessGWApiURL: 'http://a'}")).toEqual(["akeyless.akeylessGWApiURL"]);
    expect(fields("infisical: {hostAPI: 'http://a', secretsScope: {projectSlug: x}}")).toEqual(["infisical.hostAPI"]);
    expect(fields("conjur: {url: 'http://a', auth: {jwt: {serviceID: x}}}")).toEqual(["conjur.url"]);
    expect(fields("gitlab: {url: 'http://a', projectID: '1'}")).toEqual(["gitlab.url"]);
    expect(fields("aws: {service: SecretsManager, region: x}")).toEqual([]);
  });
});
