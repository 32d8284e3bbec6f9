import { describe, expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { Source } from "../../lib/place.ts";
import { readBlocks } from "./blocks.ts";
import { vaultFormat, vaultPolicyFormat } from "./index.ts";
import { serverConfiguration } from "./server.ts";

const read = (text: string) => serverConfiguration(readBlocks(new Source("vault.hcl", text), text));

const hcl = `
storage "raft" {
  path = "/vault/data"
  retry_join {
    leader_api_addr = "https://b:8200"
    leader_tls_skip_verify = "true"
  }
}
listener "tcp" {
  address = "0.0.0.0:8200"
  tls_disable = 1
  telemetry { unauthenticated_metrics_access = true }
}
seal "transit" { token = "hvs.Qx7mP2vLkT9wZr4sYc8b" }
disable_mlock = true
`;
const json = JSON.stringify({
  storage: {
    raft: { path: "/vault/data", retry_join: [{ leader_api_addr: "https://b:8200", leader_tls_skip_verify: "true" }] },
  },
  listener: [{ tcp: { address: "0.0.0.0:8200", tls_disable: 1, telemetry: { unauthenticated_metrics_access: true } } }],
  seal: { transit: { token: "hvs.Qx7mP2vLkT9wZr4sYc8b" } },
  disable_mlock: true,
});

describe("The configuration of Vault", () => {
  // covers: S5
  test.each([
    ["HCL", hcl],
    ["JSON", json],
  ])("says the same in %s.", (_, text) => {
    const config = read(text);
    expect(
      config.listeners.items.map(({ address, tls, minimumVersion }) =>
        [address, tls, minimumVersion].map((fact) => knownValue<string | boolean>(fact as never)),
      ),
    ).toEqual([["0.0.0.0:8200", false, "tls12"]]);
    expect(config.openDoors?.items.map(({ name, allows }) => [name, allows])).toEqual([
      ["unauthenticated_metrics_access", "figures"],
    ]);
    expect(config.unverifiedUpstreams?.items).toHaveLength(1);
    expect(config.credentials.items.map(({ name }) => name)).toEqual(['seal "transit" token']);
    expect(knownValue(config.storage)).toBe("raft");
    expect(knownValue(config.memoryUnlocked)).toBe(true);
    expect(JSON.stringify(config)).not.toContain("Qx7mP2vLkT9wZr4sYc8b");
  });

  test.each([
    ["true", false],
    ['"false"', true],
    ["0", true],
    ['"1"', false],
    ['"T"', false],
  ])("takes tls_disable = %s as Vault does.", (value, tls) => {
    const [listener] = read(`listener "tcp" {\n tls_disable = ${value}\n}\n`).listeners.items;
    expect(listener === undefined ? undefined : knownValue(listener.tls)).toBe(tls);
  });

  test("that is filled in later, or broken, is not taken for safe.", () => {
    const [listener] = read('listener "tcp" {\n tls_disable = "{{ tls_off }}"\n address = "{{ address }}"\n}\n')
      .listeners.items;
    expect([listener?.tls.kind, listener?.address.kind]).toEqual(["unknown", "unknown"]);
    expect(
      read('listener "tcp" {\n telemetry { unauthenticated_metrics_access = "maybe" }\n}\n').openDoors?.complete,
    ).toBe(false);
    expect(read('listener "tcp" {\n address = \n').listeners.complete).toBe(false);
    expect(read('{ "listener": [').listeners.complete).toBe(false);
  });

  test("is told from the files of its relatives.", () => {
    expect(vaultFormat.recognises("vault.hcl", hcl)).toBe(true);
    expect(vaultFormat.recognises("vault.json", json)).toBe(true);
    expect(vaultFormat.recognises("boundary.hcl", 'listener "tcp" {\n  purpose = "api"\n}\nui = true\n')).toBe(false);
    expect(vaultFormat.recognises("main.hcl", 'resource "x" "y" {}\n')).toBe(false);
    expect(vaultFormat.mayBe("package.json")).toBe(false);
    expect(vaultFormat.mayBe("vault/config/local.json")).toBe(true);
    expect(vaultPolicyFormat.recognises("web.hcl", 'path "secret/*" {\n  capabilities = ["read"]\n}\n')).toBe(true);
    expect(vaultPolicyFormat.recognises("vault.hcl", hcl)).toBe(false);
  });
});
