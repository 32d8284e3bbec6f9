import { join } from "node:path";
import { z } from "zod";
import type { ResolvedStack } from "../../../contracts/resolved.ts";
import { keysOfSops } from "../../../formats/sops/document/operations.ts";
import { writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { readTextFile } from "../../../lib/read-text-file.ts";
import type { StateFolder } from "../../../state/state-folder.ts";
import type { FoundSops } from "./scan-repository.ts";

const exposureSchema = z.strictObject({
  key: z.string(),
  at: z.iso.datetime(),
  secrets: z.array(z.string()),
  files: z.array(z.strictObject({ path: z.string(), names: z.array(z.string()) })),
});
const fileSchema = z.strictObject({ version: z.literal(1), exposures: z.array(exposureSchema) });
const largest = 16 * 1024 * 1024;

/** What a former identity could read, and can still read wherever an old copy lies: in Git's history, in a backup. */
export interface Exposure {
  /** The former public key. */
  readonly key: string;
  readonly at: string;
  /** Secrets of the stack. */
  readonly secrets: readonly string[];
  /** SOPS files, with the names that stand in them; never a value. */
  readonly files: readonly { readonly path: string; readonly names: readonly string[] }[];
}

/** What a former identity knows: the stack's secrets in age files and in SOPS files, and whatever else those hold. */
export function exposureOf(given: {
  readonly key: string;
  readonly at: string;
  readonly stack: Pick<ResolvedStack, "secrets">;
  readonly ageNames: readonly string[];
  readonly sops: readonly FoundSops[];
}): Exposure {
  const files = given.sops.map((file) => ({ path: file.path, names: namesIn(file) }));
  const known = new Set([...given.ageNames, ...files.flatMap(({ path, names }) => [...names, nameOfFile(path)])]);
  const secrets = given.stack.secrets.filter(({ name, derived }) => derived === undefined && known.has(name));
  return { key: given.key, at: given.at, secrets: secrets.map(({ name }) => name), files };
}

/** The outermost names of a file, which SOPS leaves readable; for a manifest of a Secret those of its data. */
function namesIn(file: FoundSops): readonly string[] {
  if (file.format === "binary") return [];
  const outer = keysOfSops(file);
  const data = outer.filter((key) => key === "data" || key === "stringData");
  if (!outer.includes("kind") || data.length === 0) return outer.filter((key) => key !== "sops");
  return data.flatMap((key) => keysOfSops(file, [key]));
}

/** `db-password.sops.yaml` holds the secret of that name (`KubernetesSecretStore`). */
function nameOfFile(path: string): string {
  return /([^/]+)\.sops\.ya?ml$/.exec(path)?.[1] ?? "";
}

function pathOf(state: StateFolder): string {
  return join(state.path, "exposed.json");
}

/** What former identities of a stack could read, the latest last. */
export async function readExposures(state: StateFolder): Promise<readonly Exposure[]> {
  const path = pathOf(state);
  const text = await readTextFile(path, path, largest);
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).exposures;
  } catch (error) {
    throw new RingwallError("invalid", `${path} is damaged: it no longer says what former identities could read.`, {
      hint: "Take it from a backup; or rotate every secret and delete it.",
      cause: error,
    });
  }
}

export async function keepExposure(state: StateFolder, exposure: Exposure): Promise<void> {
  const before = (await readExposures(state)).filter(({ key }) => key !== exposure.key);
  const text = JSON.stringify({ version: 1, exposures: [...before, exposure] }, null, 2);
  await writeFileAtomic(pathOf(state), `${text}\n`, { mode: 0o600 });
}
