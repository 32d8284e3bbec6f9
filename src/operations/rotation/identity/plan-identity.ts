import { isAbsolute, relative, sep } from "node:path";
import { AgeIdentities } from "../../../formats/sops/document/identities.ts";
import { decryptSops } from "../../../formats/sops/document/operations.ts";
import { RingwallError } from "../../../lib/error.ts";
import { changeKey, joinKeys } from "./creation-rules.ts";
import type { FluxDecryption } from "./flux.ts";
import { changedSinceCommit, type GitChanges } from "./git-changes.ts";
import type { OwnIdentity } from "./identity-files.ts";
import type { IdentityEngine, IdentityRun } from "./identity-run.ts";
import { type Scan, scanRepository } from "./scan-repository.ts";

/** What the rotation of an identity would change, and what it would leave. */
export interface IdentityPlan {
  /** The public key that goes. */
  readonly former: string;
  /** Whether the next identity is in use already, and only the former one is still to be ended. */
  readonly finishes: boolean;
  /** Values in the stack's age files. */
  readonly ageFiles: number;
  readonly sopsFiles: readonly string[];
  readonly rules: readonly string[];
  readonly git: GitChanges;
  /** Files of the working tree outside the stack's folder that are for the former key, and stay so. */
  readonly outside: readonly string[];
  /** Other files that name the former public key. */
  readonly named: readonly string[];
  readonly flux: readonly FluxDecryption[];
  /** Where the identity lies, when that is not below the stack's folder: other stacks may have it too, unseen. */
  readonly elsewhere: string | undefined;
}

/** A key that stands in for the next one, to see whether the rules can be changed. */
const trialKey = "age1trial";

/** Looks at everything that the identity opens. Throws what is in the way, all of it at once; changes nothing. */
export async function planIdentity(
  run: Pick<IdentityRun, "engine" | "files" | "age" | "former">,
  present: readonly OwnIdentity[],
): Promise<{ readonly plan: IdentityPlan; readonly scan: Scan }> {
  const { engine, former, age } = run;
  const scan = await scanRepository(engine.stackFolder, [former]);
  const own = scan.sops.filter((file) => file.inside && file.keys.includes(former));
  const forAge = await age.isFor(former);
  const obstacles = [
    ...scan.damaged,
    ...(forAge ? await age.unopened() : []),
    ...(await unopenedSops(own, present)),
    ...rulesInTheWay(scan, former),
  ];
  if (obstacles.length > 0) throw inTheWay(obstacles);
  const inside = [...own.map(({ full }) => full), ...scan.rules.map(({ full }) => full)];
  return {
    scan,
    plan: {
      former,
      finishes: false,
      ageFiles: forAge ? (await age.list()).length : 0,
      sopsFiles: own.map(({ path }) => path),
      rules: scan.rules.map(({ path }) => path),
      git: await gitOf(engine, scan, inside),
      outside: scan.sops.filter((file) => !file.inside && file.keys.includes(former)).map(({ path }) => path),
      named: scan.named,
      flux: scan.flux,
      elsewhere: isBelow(run.files.present, engine.stackFolder) ? undefined : run.files.present,
    },
  };
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}

async function unopenedSops(own: Scan["sops"], present: readonly OwnIdentity[]): Promise<readonly string[]> {
  const identities = await identitiesOf(present);
  const found: string[] = [];
  for (const file of own) {
    if (file.kinds.length > 0) {
      found.push(
        `${file.path} has keys of ${file.kinds.join(" and ")} too, and a new data key cannot be sealed for those here: run \`sops rotate\` where they can be used, or take them out.`,
      );
      continue;
    }
    try {
      await decryptSops(file, identities);
    } catch (error) {
      if (!(error instanceof RingwallError)) throw error;
      found.push(error.place === undefined ? `${file.path}: ${error.describe()}` : error.describe());
    }
  }
  return found;
}

function rulesInTheWay(scan: Scan, former: string): readonly string[] {
  return scan.rules.flatMap(({ path, text }) => {
    try {
      changeKey(path, text, joinKeys(former, trialKey));
      return [];
    } catch (error) {
      if (error instanceof RingwallError) return [error.describe()];
      throw error;
    }
  });
}

function inTheWay(obstacles: readonly string[]): RingwallError {
  return new RingwallError("conflict", "The identity was not rotated, and nothing was changed:", {
    details: obstacles,
    hint: "What the new identity could not read would be lost with the old one.",
  });
}

async function gitOf({ git }: IdentityEngine, scan: Scan, paths: readonly string[]): Promise<GitChanges> {
  const { repository } = scan;
  const known = paths.map((full) => relative(repository.folder, full).split(sep).join("/"));
  const states = known.map((path) => ({ path, state: repository.gitStateOf(path) }));
  if (states.every(({ state }) => state === undefined)) return { state: "no-git" };
  // What Git is told to ignore is in no commit, and is not expected to be.
  const watched = states.filter(({ state }) => state !== undefined && !("ignored" in state && state.ignored === true));
  const found = await changedSinceCommit(
    repository.folder,
    watched.map(({ path }) => path),
    git.run,
    git.path,
  );
  if (found.state !== "known") return found;
  return { state: "known", changed: found.changed.map((path) => scan.nameOf(path)) };
}

/** Identities as SOPS files are opened with. */
export function identitiesOf(own: readonly OwnIdentity[]): Promise<AgeIdentities> {
  return AgeIdentities.of([{ text: own.map(({ secret }) => secret.expose()).join("\n"), shownAs: "the identity" }]);
}
