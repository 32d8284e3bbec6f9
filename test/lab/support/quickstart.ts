import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { components } from "../../../src/components/registry.ts";
import type { ResolvedStack } from "../../../src/contracts/resolved.ts";
import { loadStack } from "../../../src/resolve/load.ts";
import { resolveStack } from "../../../src/resolve/resolve.ts";
import { AgeStore } from "../../../src/secrets/age-store.ts";
import { generateSecret } from "../../../src/secrets/generate.ts";
import type { Secret } from "../../../src/secrets/secret.ts";
import { readSecretValues } from "../../../src/secrets/secret-values.ts";
import { StateFolder } from "../../../src/state/state-folder.ts";

const standInsSchema = z.object({
  standIns: z.array(z.object({ upstream: z.string().nullable(), image: z.string() })),
});

/** What the lab's own registry calls an image; only such an image has a digest. */
const registry = "127.0.0.1:5999";

export interface LabQuickstart {
  readonly stack: ResolvedStack;
  readonly values: ReadonlyMap<string, Secret>;
  /** Where the copy of the example lies. */
  readonly folder: string;
}

/**
 * The example as users have it, on the lab's images: copied into a folder, its Caddy replaced by one that can limit
 * rates, every image pinned by the digest that the lab's registry gave it.
 */
export async function labQuickstart(folder: string): Promise<LabQuickstart> {
  const source = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));
  const copy = join(folder, "quickstart");
  cpSync(source, copy, { recursive: true });
  const file = join(copy, "stack.yaml");
  const text = readFileSync(file, "utf8");
  const limited = text.replace("    use: caddy\n", "    use: caddy\n    settings: { rateLimitModule: true }\n");
  if (limited === text) throw new Error("The example's Caddy is no longer declared as this expects.");
  writeFileSync(file, limited);
  const loaded = await loadStack(copy, { components, cwd: folder, runner: { uid: process.getuid?.() } });
  const standIns = labImages();
  const lock = { images: digestsOf(Object.values(standIns)), zones: {}, networks: {} };
  const stack = resolveStack(loaded, components, { standIns, lock });
  return { stack, values: await labValues(stack, copy), folder: copy };
}

/** The lab's image for each upstream repository; the first stand-in of each counts, but Caddy's with rate limits. */
function labImages(): Record<string, string> {
  const { standIns } = standInsSchema.parse(
    JSON.parse(readFileSync(new URL("../stand-ins.json", import.meta.url), "utf8")),
  );
  const images: Record<string, string> = {};
  for (const { upstream, image } of standIns) {
    if (upstream === null) continue;
    const repository = upstream.split(" ")[0] ?? upstream;
    const wanted = image.startsWith("ringwall-lab/caddy-ratelimit:") || images[repository] === undefined;
    if (wanted && hasImage(image)) images[repository] = `${registry}/${image}`;
  }
  return images;
}

function hasImage(image: string): boolean {
  return spawnSync("docker", ["image", "inspect", image]).status === 0;
}

/** By `repository:tag`; throws where the registry has not been given an image, for then nothing is pinned. */
function digestsOf(images: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    images.map((image) => {
      const asked = spawnSync("docker", ["image", "inspect", "--format", "{{json .RepoDigests}}", image], {
        encoding: "utf8",
      });
      const repository = image.slice(0, image.lastIndexOf(":"));
      const digests = z.array(z.string()).parse(JSON.parse(asked.stdout.trim() || "[]"));
      const digest = digests.find((one) => one.startsWith(`${repository}@`))?.split("@")[1];
      if (digest === undefined) throw new Error(`${image} has no digest: run test/lab/registry.sh start and push.`);
      return [image, digest];
    }),
  );
}

/** From the age files beside the copy, as a user has them; made when they are not there. */
async function labValues(stack: ResolvedStack, stackFolder: string): Promise<ReadonlyMap<string, Secret>> {
  const store = new AgeStore(new StateFolder(stackFolder).path);
  const known = new Set(await store.list());
  for (const secret of stack.secrets) {
    if (secret.derived === undefined && !known.has(secret.name)) await store.set(labValue(secret));
  }
  return (await readSecretValues(stack.secrets, store)).values;
}

function labValue(secret: ResolvedStack["secrets"][number]): Secret {
  if (secret.kind === "external") throw new Error(`The example's secret ${secret.name} is one that a person brings.`);
  return generateSecret({ ...secret, kind: secret.kind }, randomBytes, new Date());
}
