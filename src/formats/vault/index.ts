import type { VaultPolicy } from "../../facts/configuration/vault.ts";
import { complete, incomplete, stated, unknown } from "../../facts/fact.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { type BlockFile, readBlocks } from "./blocks.ts";
import { serverConfiguration } from "./server.ts";
import { wrongValues } from "./wrong-values.ts";

/** The configuration of a server of Vault or OpenBao, in HCL or JSON. */
export const vaultFormat: ConfigFormat = {
  name: "Vault",
  mayBe: hasName,
  recognises: (path, text) => isServer(path, text),
  read: (input) => facts(input, serverConfiguration, wrongValues),
};

/** A policy of Vault or OpenBao. */
export const vaultPolicyFormat: ConfigFormat = {
  name: "Vault policy",
  mayBe: hasName,
  recognises: (_path, text) => isPolicy(text),
  read: (input) => facts(input, policyOf),
};

/** Of the many JSON files of a repository those that say so by their path. */
function hasName(path: string): boolean {
  return (
    /\.hcl(?:\.(?:j2|tmpl|tpl))?$/.test(path) || /(?:vault|bao)[^/]*(?:\/.*)?\.json(?:\.(?:j2|tmpl|tpl))?$/i.test(path)
  );
}

/** Vault's own blocks; Boundary's listeners have a purpose, Consul's and Nomad's servers have none of these. */
function isServer(path: string, text: string): boolean {
  if (path.endsWith(".json")) {
    return (
      /"listener"\s*:\s*[[{]/.test(text) &&
      /"(?:storage|backend|seal|api_addr|disable_mlock)"\s*:/.test(text) &&
      !/"purpose"\s*:/.test(text)
    );
  }
  if (!/^[ \t]*"?listener"?[ \t]+"?tcp"?[ \t]*\{/m.test(text) || /^[ \t]*purpose[ \t]*=/m.test(text)) return false;
  return /^[ \t]*"?(?:storage|backend|seal|auto_auth|vault)"?[ \t]*(?:"[\w-]+"[ \t]*)?\{|^[ \t]*(?:api_addr|cluster_addr|disable_mlock|ui)[ \t]*=/m.test(
    text,
  );
}

function isPolicy(text: string): boolean {
  return /^[ \t]*path[ \t]+"[^"\n]*"[ \t]*\{/m.test(text) && /\b(?:capabilities|policy)[ \t]*=/.test(text);
}

function facts(
  input: ConfigInput,
  make: (file: BlockFile) => ReturnType<typeof serverConfiguration> | VaultPolicy,
  further: typeof wrongValues = () => [],
): ConfigFacts {
  const file = readBlocks(input.file.source, input.file.text);
  return {
    subjects: [configurationFile(input, make(file))],
    problems: [...file.problems, ...further(file)],
    sources: [],
  };
}

/** What `policy = "…"` stood for before there were capabilities. */
const legacy: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    deny: ["deny"],
    read: ["read", "list"],
    write: ["create", "read", "update", "delete", "list"],
    sudo: ["create", "read", "update", "delete", "list", "sudo"],
  }),
);

function policyOf({ root, doubt }: BlockFile): VaultPolicy {
  const paths = root.blocks
    .filter(({ type }) => type === "path")
    .map(({ label, settings, place }) => {
      const capabilities = settings.get("capabilities") ?? settings.get("policy");
      const value = capabilities?.value;
      const list =
        typeof value === "string" ? legacy.get(value) : Array.isArray(value) ? (value as readonly string[]) : undefined;
      return {
        path: label,
        capabilities:
          capabilities === undefined
            ? stated<readonly string[]>([], place)
            : list === undefined
              ? unknown<readonly string[]>("`capabilities` is no list of texts", capabilities.place)
              : stated<readonly string[]>(list, capabilities.place),
        place,
      };
    });
  return {
    software: "vault-policy",
    paths: doubt === undefined ? complete(paths, root.place) : incomplete(paths, doubt, root.place),
  };
}
