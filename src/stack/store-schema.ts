/** Where the values of a stack's secrets live: the part of the declaration under `store`. */
import { z } from "zod";

const path = z.string().min(1, "expected a path");
const identity = path
  .optional()
  .describe("The age identity, from the stack's folder or `~/`. Default: `.ringwall/identity`.");
const ca = path
  .optional()
  .describe("A file with certificates (PEM) of the authorities that count; the system's by default.");
const address = z.url({ protocol: /^https?$/, error: "expected an https address" });

/** Parts of a path in a URL: nothing that leads up or has to be encoded. */
const apiPath = z
  .string()
  .regex(
    /^(?!\.)[A-Za-z0-9_.-]+(?:\/(?!\.)[A-Za-z0-9_.-]+)*$/,
    "expected words with slashes between, such as `team/shop`",
  );

const age = z.strictObject({ identity }).describe("Files encrypted with age in `.ringwall/secrets`. The default.");

const sops = z
  .strictObject({
    file: path.describe("The file, YAML or JSON; made by the nearest `.sops.yaml` where it is missing."),
    identity,
  })
  .describe("One file that `sops` reads and edits too.");

const kubernetes = z
  .strictObject({
    folder: path.describe("Where the manifests lie, `NAME.sops.yaml` each."),
    namespace: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "expected a namespace")
      .optional(),
    key: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,253}$/, "expected a key of a Secret")
      .optional()
      .describe("The value's key. Default `value`."),
    identity,
  })
  .describe("Secret manifests that Flux decrypts.");

const vault = z
  .strictObject({
    address: address.describe("Of Vault or OpenBao; https, or http on this machine."),
    mount: apiPath.default("secret").describe("A KV engine of version 2. Default `secret`."),
    prefix: apiPath.optional().describe("The folder in it. Default `ringwall/` and the stack's name."),
    field: z.string().min(1).default("value").describe("The value's key within its secret. Default `value`."),
    namespace: apiPath.optional(),
    approle: apiPath.default("approle").describe("Where AppRole is mounted. Default `approle`."),
    roleIdFile: path.optional(),
    secretIdFile: path.optional(),
    tokenFile: path.optional(),
    ca,
  })
  .refine(({ roleIdFile, tokenFile }) => (roleIdFile === undefined) !== (tokenFile === undefined), {
    error: "expected either `roleIdFile` (with `secretIdFile`) or `tokenFile`",
  })
  .refine(({ roleIdFile, secretIdFile }) => roleIdFile !== undefined || secretIdFile === undefined, {
    error: "expected `roleIdFile` beside `secretIdFile`",
  })
  .describe("A KV engine of HashiCorp Vault or OpenBao.");

const infisical = z
  .strictObject({
    address: address.default("https://app.infisical.com"),
    projectId: z.string().regex(/^[A-Za-z0-9_-]+$/, "expected the project's id"),
    environment: z.string().regex(/^[a-z0-9-]+$/, "expected the environment's slug, such as `prod`"),
    path: z
      .string()
      .regex(/^\/(?:[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*)?$/, "expected a path such as `/ringwall`")
      .default("/"),
    clientIdFile: path,
    clientSecretFile: path,
    ca,
  })
  .describe("One folder of an Infisical project, by universal auth.");

const environment = z
  .strictObject({
    prefix: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the beginning of a variable's name")
      .default("TF_VAR_"),
  })
  .describe("The environment of who runs Ringwall; only read.");

export const storeKinds = ["age", "sops", "kubernetes", "vault", "infisical", "environment"] as const;
export type StoreKind = (typeof storeKinds)[number];

export const storeSchema = z
  .strictObject({
    age: age.optional(),
    sops: sops.optional(),
    kubernetes: kubernetes.optional(),
    vault: vault.optional(),
    infisical: infisical.optional(),
    environment: environment.optional(),
  })
  .refine((value) => storeKinds.filter((kind) => value[kind] !== undefined).length === 1, {
    error: `expected exactly one of ${storeKinds.join(", ")}`,
  })
  .describe("Where the values of the secrets live. Default: `age: {}`.");

/** Exactly one of its keys is set. */
export type StoreChoice = z.output<typeof storeSchema>;
export type VaultChoice = NonNullable<StoreChoice["vault"]>;
export type InfisicalChoice = NonNullable<StoreChoice["infisical"]>;
