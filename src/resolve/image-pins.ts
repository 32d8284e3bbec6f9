import type { ResolvedStack } from "../contracts/resolved.ts";
import { RingwallError } from "../lib/error.ts";
import type { RunProgram } from "../lib/run-program.ts";
import { parseImage } from "../stack/scalars.ts";
import { imageKey } from "./images.ts";
import type { StackLock } from "./lock.ts";

/** What became of one image's tag. */
export interface PinnedImage {
  /** `docker.io/library/caddy:2.11.4` */
  readonly image: string;
  readonly services: readonly string[];
  readonly outcome:
    | {
        readonly kind: "pinned";
        readonly digest: string;
        readonly by: "registry" | "engine";
        readonly before: string | undefined;
      }
    | { readonly kind: "local"; readonly why: string }
    | { readonly kind: "failed"; readonly why: string; readonly kept: string | undefined };
}

/**
 * Resolves each tag of a stack to a digest, on this machine: the registry is asked through `docker buildx imagetools`;
 * where that does not answer, the engine is asked which digest its own copy came with. Digests written in the
 * declaration are left alone. Throws only when there is no `docker` program.
 */
export async function pinImages(
  stack: ResolvedStack,
  lock: StackLock | undefined,
  run: RunProgram,
): Promise<readonly PinnedImage[]> {
  const images = new Map<string, { services: string[]; standsIn: boolean }>();
  for (const service of stack.services) {
    const key = imageKey(service.image);
    const pinnedByHand = service.image.digest !== undefined && lock?.images[key] !== service.image.digest;
    if (pinnedByHand) continue;
    const entry = images.get(key) ?? { services: [], standsIn: service.image.standsInFor !== undefined };
    entry.services.push(service.name);
    images.set(key, entry);
  }
  const pinned: PinnedImage[] = [];
  for (const [image, { services, standsIn }] of [...images].sort(([a], [b]) => (a < b ? -1 : 1))) {
    pinned.push({ image, services, outcome: await pinOne(image, standsIn, lock?.images[image], run) });
  }
  return pinned;
}

async function pinOne(
  image: string,
  standsIn: boolean,
  before: string | undefined,
  run: RunProgram,
): Promise<PinnedImage["outcome"]> {
  const asked = standsIn ? undefined : await fromRegistry(image, run);
  if (asked?.digest !== undefined) return { kind: "pinned", digest: asked.digest, by: "registry", before };
  const held = await fromEngine(image, run);
  if (held.digest !== undefined) return { kind: "pinned", digest: held.digest, by: "engine", before };
  if (held.present)
    return {
      kind: "local",
      why: "it was made on this machine and has no digest; push it to a registry to give it one",
    };
  return { kind: "failed", why: `${asked?.why ?? "it is a stand-in"}, and the engine has no copy of it`, kept: before };
}

async function fromRegistry(image: string, run: RunProgram): Promise<{ digest?: string; why: string }> {
  const result = await docker(
    run,
    ["buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", image],
    60_000,
  );
  if (result.code !== 0) return { why: whyNot(result.stderr) };
  const digest = digestIn(result.stdout);
  return digest === undefined ? { why: "the registry's answer holds no digest" } : { digest, why: "" };
}

function digestIn(text: string): string | undefined {
  try {
    const data: unknown = JSON.parse(text);
    const digest = typeof data === "object" && data !== null && "digest" in data ? data.digest : undefined;
    return typeof digest === "string" && /^sha256:[a-f0-9]{64}$/.test(digest) ? digest : undefined;
  } catch {
    return undefined;
  }
}

async function fromEngine(image: string, run: RunProgram): Promise<{ digest?: string; present: boolean }> {
  const result = await docker(run, ["image", "inspect", "--format", "{{json .RepoDigests}}", image], 30_000);
  if (result.code !== 0) return { present: false };
  const wanted = parseImage(image)?.repository;
  const digests = listOf(result.stdout).map((text) => parseImage(text));
  const digest = digests.find((read) => read?.repository === wanted)?.digest;
  return digest === undefined ? { present: true } : { digest, present: true };
}

function listOf(text: string): string[] {
  try {
    const data: unknown = JSON.parse(text);
    return Array.isArray(data) ? data.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

async function docker(run: RunProgram, args: readonly string[], timeout: number) {
  try {
    return await run("docker", args, { timeout });
  } catch (error) {
    if (error instanceof RingwallError && error.code === "interrupted") {
      return { code: 1, signal: undefined, stdout: "", stderr: "no answer in time" };
    }
    if (error instanceof RingwallError && error.code === "not-found") {
      throw new RingwallError("engine-missing", "Tags are resolved by the `docker` program, and it is not installed.", {
        hint: "Install Docker's client, or write digests into stack.yaml yourself (`image: name:tag@sha256:…`).",
        cause: error,
      });
    }
    throw error;
  }
}

/** The reason in what docker said: its last line that is not empty, cut short. */
function whyNot(stderr: string): string {
  if (/unknown (command|flag|shorthand)|is not a docker command/.test(stderr))
    return "this docker has no buildx to ask the registry with";
  const line =
    stderr
      .split("\n")
      .map((text) => text.trim())
      .filter((text) => text !== "")
      .at(-1) ?? "the registry does not answer";
  return line.replace(/^ERROR:\s*/, "").slice(0, 200);
}

/** The lock after pinning: new digests, kept ones, and the addresses that zones and networks have now. */
export function lockAfter(
  stack: ResolvedStack,
  pinned: readonly PinnedImage[],
  declaredZones: ReadonlySet<string>,
): StackLock {
  const images: Record<string, string> = {};
  for (const { image, outcome } of pinned) {
    const digest = outcome.kind === "pinned" ? outcome.digest : outcome.kind === "failed" ? outcome.kept : undefined;
    if (digest !== undefined) images[image] = digest;
  }
  return {
    images,
    zones: Object.fromEntries(
      stack.zones.filter((zone) => !declaredZones.has(zone.name)).map((zone) => [zone.name, zone.cidr]),
    ),
    networks: Object.fromEntries(stack.networks.map((network) => [network.name, network.cidr])),
  };
}
