/**
 * Mutates real files of each format and checks each as a repository is, with three oracles: nothing throws, nothing takes
 * longer than it may, and where a control failed, putting something that cannot be resolved in a value's place never lets
 * it pass for the same subject.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { evaluate } from "../../src/controls/evaluate.ts";
import { allControls } from "../../src/controls/registry.ts";
import { refKey } from "../../src/facts/subjects.ts";
import { configFormats } from "../../src/formats/config-formats.ts";
import { RingwallError } from "../../src/lib/error.ts";
import { readPaths } from "../../src/platforms/read-paths.ts";
import { mutateLines } from "./mutate-lines.ts";
import { mutateYaml } from "./mutate-yaml.ts";
import { Random } from "./random.ts";

/** A file to start from. */
export interface Seed {
  /** What it is written under, so that it is recognised. */
  readonly path: string;
  readonly text: string;
}

export interface FuzzedFormat {
  /** As people call it. */
  readonly name: string;
  /** For the command line: `fuzz-caddyfile`. */
  readonly slug: string;
  readonly seeds: readonly Seed[];
  /** Puts something that cannot be resolved in place of one value; undefined where the text has none that may be. */
  readonly hide?: (text: string, random: Random) => string | undefined;
}

export interface FormatFailure {
  readonly seed: number;
  readonly oracle: "threw" | "slow" | "fail became pass";
  readonly detail: string;
  readonly path: string;
  readonly text: string;
}

export interface FormatResult {
  readonly cases: number;
  readonly judged: number;
  readonly comparisons: number;
  readonly slowestMs: number;
  readonly failures: readonly FormatFailure[];
}

const yamlOrTomlValue =
  /(?<=^[ \t]*(?:- )?[\w.-]+(?::| =)[ \t]+)(?:"[^"\n{}]*"|'[^'\n{}]*'|[^\s{}[\]"'#&*!|>][^\n#{}[\]"']*)$/gm;

interface Hider {
  readonly value: RegExp;
  readonly hidden: string;
  /** What of the text before a value would make something else of it. */
  readonly notAfter?: RegExp;
}

/** How a value is written that nobody can resolve, and which values may be replaced by it. */
const hiders: Readonly<Record<string, Hider>> = {
  hcl: { value: /(?<==[ \t]*)(?:"[^"\n$%\\]*"|true|false|\d+)(?=[ \t]*(?:$|,|\}))/gm, hidden: "var.set_by_nobody" },
  // A quote or a backslash makes something of what follows it: without it the file says another thing. `TARGETARCH` is
  // the builder's own; a name that no `ARG` declares is empty in `FROM`, and no doubt.
  dockerfile: { value: /(?<=^(?:USER|FROM|EXPOSE)[ \t]+)[^\s$"'\\]+(?=\s|$)/gim, hidden: `\${TARGETARCH}` },
  // Of directives alone: the name of a place or of a block's argument is what its content hangs on.
  nginx: { value: /(?<=^[ \t]*[a-z_]+[ \t]+)[^\s{};"'$#]+(?=;)/gm, hidden: "$set_by_nobody" },
  // What a script or a variable holds is another text then, and no doubt.
  "gitlab-ci": {
    value: /(?<=^[ \t]*(?:- )?(?:image|name|ref|project|remote|component):[ \t]+)[^\s{}[\]"'$&*!|>#][^\s{}"'$#]*$/gm,
    hidden: "$SET_BY_NOBODY",
  },
  // What a server's flags are told; whether it is a server is told by which keys there are.
  // Where an expression is still open, what is put in would close that one, and all between would be its text.
  "kubernetes-cluster-configuration": {
    value: yamlOrTomlValue,
    hidden: "'{{ SET_BY_NOBODY }}'",
    notAfter: /\{\{(?:(?!\}\})[\s\S])*$/,
  },
  traefik: { value: yamlOrTomlValue, hidden: `'{{ env "SET_BY_NOBODY" }}'` },
  "traefik-dynamic-configuration": { value: yamlOrTomlValue, hidden: `'{{ env "SET_BY_NOBODY" }}'` },
  // A matcher's name is no value: it says which of the matchers of the file is meant. Where a variable is still open, the
  // brace would close that one, and all between would be its name.
  caddyfile: {
    value: /(?<=^[ \t]+[a-z_]+[ \t]+)[^\s{}"`$@][^\s{}"`$]*$/gm,
    hidden: "{$SET_BY_NOBODY}",
    notAfter: /\{\$[^}]*$/,
  },
};

function hider(slug: string): FuzzedFormat["hide"] {
  const found = hiders[slug];
  if (found === undefined) return undefined;
  return (text, random) => {
    const values = [...text.matchAll(found.value)];
    if (values.length === 0) return undefined;
    const value = random.pick(values);
    if (found.notAfter?.test(text.slice(0, value.index)) === true) return undefined;
    return text.slice(0, value.index) + found.hidden + text.slice(value.index + value[0].length);
  };
}

/** Every format with the files to start from: the fixtures of this repository, and the corpora where they are. */
export function fuzzedFormats(root: string): readonly FuzzedFormat[] {
  const bySlug = new Map<string, { name: string; seeds: Seed[] }>();
  for (const folder of [
    "src",
    "test/conformance",
    "test/prove/seeds",
    "examples",
    ".github",
    "../shared/corpus/home-ops",
    "../shared/corpus/pss",
    "../shared/corpus/sops",
  ]) {
    for (const path of filesIn(join(root, folder))) {
      const text = readText(path);
      const format = text === undefined ? undefined : formatOf(path, text);
      if (text === undefined || format === undefined) continue;
      const known = bySlug.get(format.slug) ?? { name: format.name, seeds: [] };
      known.seeds.push({ path: format.path, text });
      bySlug.set(format.slug, known);
    }
  }
  return [...bySlug].map(([slug, { name, seeds }]) => {
    const hide = hider(slug);
    return { slug, name, seeds, ...(hide === undefined ? {} : { hide }) };
  });
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:ts|png|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function readText(path: string): string | undefined {
  const text = readFileSync(path, "utf8");
  return text.length > 60_000 || text.includes("\u0000") ? undefined : text;
}

function formatOf(
  path: string,
  text: string,
): { readonly slug: string; readonly name: string; readonly path: string } | undefined {
  const name = basename(path);
  if (/\.(?:tf|tofu)$/.test(name)) return { slug: "hcl", name: "OpenTofu for Incus", path: name };
  if (/\.(?:github|forgejo|gitea)\/workflows\/[^/]+\.ya?ml$/.test(path))
    return { slug: "workflow", name: "workflow", path: `.github/workflows/${name}` };
  if (name === ".gitlab-ci.yml") return { slug: "gitlab-ci", name: "GitLab CI", path: name };
  if (/^kustomization\.ya?ml$/.test(name)) return { slug: "kustomize", name: "kustomization", path: name };
  if (/\.ya?ml$/.test(name) && /^apiVersion:/m.test(text))
    return { slug: "kubernetes", name: "Kubernetes manifest", path: name };
  const format = configFormats.find((each) => each.mayBe(path) && each.recognises(path, text));
  if (format === undefined) return undefined;
  const slug = format.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  // The folder may be what the file is recognised by.
  return { slug, name: format.name, path: path.split("/").slice(-3).join("/") };
}

export interface FormatFuzzOptions {
  readonly seed: number;
  readonly format: FuzzedFormat;
  /** A folder that is emptied for each case. */
  readonly folder: string;
  readonly goOn: (soFar: FormatResult) => boolean;
  /** Milliseconds of processor time that one check may take. */
  readonly slowMs: number;
}

/** Milliseconds that this process has had of the processor: a machine that does other things too makes none of them. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Runs cases until `goOn` says no. Each case has its own seed, which repeats it alone. */
export function fuzzFormat({ seed: start, format, folder, goOn, slowMs }: FormatFuzzOptions): FormatResult {
  const failures: FormatFailure[] = [];
  let cases = 0;
  let judged = 0;
  let comparisons = 0;
  let slowestMs = 0;
  for (; goOn({ cases, judged, comparisons, slowestMs, failures }); cases++) {
    const seed = (start + Math.imul(cases, 2_654_435_761)) >>> 0;
    const random = new Random(seed);
    const origin = random.pick(format.seeds);
    const other = random.pick(format.seeds).text;
    const byTree = /\.ya?ml$/.test(origin.path) && random.below(2) === 0 ? mutateYaml(origin.text, random) : undefined;
    const text = byTree ?? mutateLines(origin.text, other, random);
    const complain = (oracle: FormatFailure["oracle"], detail: string, about = text): void => {
      failures.push({ seed, oracle, detail, path: origin.path, text: about });
    };
    const first = checkText(origin.path, text, folder);
    slowestMs = Math.max(slowestMs, first.milliseconds);
    if (first.threw !== undefined) complain("threw", first.threw);
    if (first.milliseconds > slowMs) complain("slow", `${Math.round(first.milliseconds)} ms`);
    if (first.verdicts === undefined) continue;
    judged += 1;
    const hidden = format.hide?.(text, random);
    if (hidden === undefined) continue;
    const second = checkText(origin.path, hidden, folder);
    if (second.threw !== undefined) complain("threw", second.threw, hidden);
    if (second.verdicts === undefined) continue;
    comparisons += 1;
    for (const key of becamePass(first.verdicts, second.verdicts)) {
      if (!mendedByHiding(key)) complain("fail became pass", `${key} after a value was made unresolvable`, hidden);
    }
  }
  return { cases, judged, comparisons, slowestMs, failures };
}

/**
 * Where more passes and less fails or is unknown. Of several subjects with one name each has a number, and a further one,
 * of what cannot be told any more, makes other numbers of those after it: they are counted together.
 */
function becamePass(before: Verdicts, after: Verdicts): readonly string[] {
  const then = Map.groupBy(before, ([key]) => withoutNumber(key));
  const now = Map.groupBy(after, ([key]) => withoutNumber(key));
  const count = (verdicts: readonly (readonly [string, string])[], ...of: readonly string[]): number =>
    verdicts.filter(([, verdict]) => of.includes(verdict)).length;
  return [...then].flatMap(([key, first]) => {
    const second = now.get(key) ?? [];
    const isHole =
      count(second, "pass") > count(first, "pass") && count(second, "fail", "unknown") < count(first, "fail");
    return isHole ? [key] : [];
  });
}

function withoutNumber(key: string): string {
  return key.replace(/#\d+$/, "");
}

/** A variable in place of a secret that was written out is what mends it, and no doubt. */
function mendedByHiding(key: string): boolean {
  return key.startsWith("secrets.");
}

type Verdicts = ReadonlyMap<string, string>;

interface Checked {
  readonly verdicts: Verdicts | undefined;
  readonly threw: string | undefined;
  readonly milliseconds: number;
}

function checkText(path: string, text: string, folder: string): Checked {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  const begun = processorMs();
  const elapsed = () => processorMs() - begun;
  try {
    const { systems } = readPaths(["."], { cwd: folder });
    const evaluation = evaluate(systems, allControls, {
      today: new Date("2026-01-01T00:00:00Z"),
      profile: "strict",
      ownStack: false,
      keepVerdicts: true,
    });
    const broken = evaluation.internalErrors[0];
    const verdicts = new Map(
      evaluation.verdicts.map((verdict) => [`${verdict.control} on ${refKey(verdict.subject)}`, verdict.verdict]),
    );
    const threw = broken === undefined ? undefined : `${broken.control}: ${stackOf(broken.error)}`;
    return { verdicts, threw, milliseconds: elapsed() };
  } catch (error) {
    // Nothing that could be read is an answer with a sentence.
    const threw = error instanceof RingwallError ? undefined : stackOf(error);
    return { verdicts: undefined, threw, milliseconds: elapsed() };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 6).join("\n") : String(error);
}
