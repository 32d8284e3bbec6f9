/**
 * What the stages of a Dockerfile make of an image: whom it starts as, what it runs, its environment, ports and health
 * check, with arguments and variables filled in as far as they can be.
 *
 * Source: docs.docker.com/reference/dockerfile (scope of `ARG`, inheritance through `FROM`, `CMD` reset by nothing but
 * another `CMD` within a Dockerfile).
 */
import { defaulted, type Fact, unknown, unstated } from "../../facts/fact.ts";
import { parseImageReference } from "../../facts/image-reference.ts";
import { userOfBaseImage, userOfScratch } from "../../facts/knowledge/base-images.ts";
import type { ImageReference } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Instruction, ParsedDockerfile, PlaceOf } from "./parse.ts";
import { type Stage, StageReader, type Visit } from "./stage.ts";
import { type Expanded, expandWord, type Lookup, splitWords, type VariableValue } from "./words.ts";

/** What a builder gives: `--target`, `--build-arg`. */
export interface BuildRequest {
  readonly target: string | undefined;
  /** A name without a value comes from the builder's environment. */
  readonly arguments: ReadonlyMap<string, VariableValue>;
  /** Names that stand for other folders or images (`--build-context`). */
  readonly contexts?: ReadonlySet<string>;
}

/** An image that is fetched for a build: a base, or one that files are copied from. */
export interface FetchedImage {
  readonly reference: Fact<ImageReference>;
  /** Whether the image that is built stands on it. */
  readonly isBase: boolean;
  readonly place: Place;
}

export interface Stages {
  readonly all: readonly Stage[];
  /** The stage that the image is; undefined when there is none, or none of the name that is asked for. */
  readonly final: Stage | undefined;
  /** Positions of the stages that the image consists of, or may: `FROM base-${TARGETARCH}` leaves open which. */
  readonly inImage: ReadonlySet<number>;
  readonly fetched: readonly FetchedImage[];
}

/** Arguments that BuildKit sets itself, by platform; they have no value here. */
const automatic = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$|^BUILDKIT_/;

export function readStages(
  parsed: ParsedDockerfile,
  placeOf: PlaceOf,
  request: BuildRequest,
  visit: Visit = () => {},
): Stages {
  return new Reader(placeOf, request, visit).read(parsed.instructions);
}

class Reader {
  readonly #placeOf: PlaceOf;
  readonly #request: BuildRequest;
  readonly #visit: Visit;
  readonly #globals = new Map<string, VariableValue>();
  readonly #stages: Stage[] = [];
  readonly #byName = new Map<string, Stage>();
  readonly #fetched: FetchedImage[] = [];
  /** By the position of a stage whose base a variable decides: the stages that it may name. */
  readonly #mayBeParents = new Map<number, readonly Stage[]>();

  constructor(placeOf: PlaceOf, request: BuildRequest, visit: Visit) {
    this.#placeOf = placeOf;
    this.#request = request;
    this.#visit = visit;
  }

  read(instructions: readonly Instruction[]): Stages {
    const firstFrom = instructions.findIndex(({ keyword }) => keyword === "FROM");
    const before = firstFrom === -1 ? instructions : instructions.slice(0, firstFrom);
    const lookup: Lookup = (name) => this.#global(name);
    for (const instruction of before.filter(({ keyword }) => keyword === "ARG")) {
      this.#visit(instruction, lookup, -1);
      this.#declare(instruction, this.#globals, lookup);
    }
    for (let at = before.length; at < instructions.length; ) {
      let end = at + 1;
      while (end < instructions.length && instructions[end]?.keyword !== "FROM") end++;
      this.#add(this.#stage(instructions[at] as Instruction, instructions.slice(at + 1, end)));
      at = end;
    }
    const final = this.#final();
    const inImage = new Set<number>();
    const bases = new Set<Place>();
    for (let stage = final; stage !== undefined; stage = stage.parent) {
      inImage.add(stage.index);
      bases.add(stage.base.place);
      for (const other of this.#mayBeParents.get(stage.index) ?? [])
        for (let each: Stage | undefined = other; each !== undefined; each = each.parent) inImage.add(each.index);
    }
    const fetched = this.#fetched.map((image) => ({ ...image, isBase: bases.has(image.place) }));
    return { all: this.#stages, final, inImage, fetched };
  }

  #add(stage: Stage): void {
    this.#stages.push(stage);
    if (stage.name !== undefined) this.#byName.set(stage.name.toLowerCase(), stage);
  }

  #final(): Stage | undefined {
    const { target } = this.#request;
    if (target === undefined) return this.#stages.at(-1);
    return (
      this.#byName.get(target.toLowerCase()) ?? (/^\d{1,4}$/.test(target) ? this.#stages[Number(target)] : undefined)
    );
  }

  #global(name: string): VariableValue {
    if (this.#globals.has(name)) return this.#globals.get(name);
    return automatic.test(name) ? { why: `\`${name}\` is set by whoever builds` } : undefined;
  }

  /** `ARG NAME`, `ARG NAME=default`, several at once. What the builder gives comes before the default. */
  #declare(instruction: Instruction, into: Map<string, VariableValue>, lookup: Lookup): void {
    for (const { raw } of splitWords(instruction.text, instruction.textOffset)) {
      const at = raw.indexOf("=");
      const name = at === -1 ? raw : raw.slice(0, at);
      const given = this.#request.arguments.get(name);
      if (this.#request.arguments.has(name)) {
        into.set(name, given ?? { why: `\`${name}\` comes from the environment of whoever builds` });
      } else if (at !== -1) into.set(name, asValue(expandWord(raw.slice(at + 1), lookup)));
      else if (this.#globals.has(name) && into !== this.#globals) into.set(name, this.#globals.get(name));
      else into.set(name, { why: `\`${name}\` is given when the image is built` });
    }
  }

  #stage(from: Instruction, instructions: readonly Instruction[]): Stage {
    const words = splitWords(from.text, from.textOffset);
    const place = this.#placeOf(words[0]?.offset ?? from.offset);
    const name = words[1]?.raw.toLowerCase() === "as" ? words[2]?.raw : undefined;
    const image = expandWord(words[0]?.raw ?? "", (variable) => this.#global(variable));
    const parent = image.why === undefined ? this.#byName.get(image.text.toLowerCase()) : undefined;
    const index = this.#stages.length;
    if (image.why !== undefined) this.#mayBeParents.set(index, this.#namedLike(words[0]?.raw ?? ""));
    const start = parent === undefined ? this.#onImage(image, place) : { ...parent, parent, place };
    const reader = new StageReader(
      this.#placeOf,
      { ...start, name, index },
      {
        visit: this.#visit,
        declare: (instruction, args, lookup) => this.#declare(instruction, args, lookup),
        copiedFrom: (raw, offset, lookup) => this.#copiedFrom(raw, offset, lookup),
      },
    );
    return reader.read(instructions);
  }

  /** The stages so far whose name a word with variables may come to. */
  #namedLike(raw: string): readonly Stage[] {
    const parts = raw.toLowerCase().split(/\$\{[^}]*\}|\$\w+/);
    const [first = "", last = ""] = [parts[0], parts.at(-1)];
    return [...this.#byName].flatMap(([name, stage]) =>
      name.startsWith(first) && name.endsWith(last) && parts.every((part) => name.includes(part)) ? [stage] : [],
    );
  }

  /** An image that files are copied from, when it is no stage. */
  #copiedFrom(raw: string, offset: number, lookup: Lookup): void {
    const image = expandWord(raw, lookup);
    if (image.why === undefined && (this.#byName.has(image.text.toLowerCase()) || /^\d+$/.test(image.text))) return;
    // A bare name may be a context that the builder gives (`--build-context`).
    if (image.why === undefined && !/[:/@]/.test(image.text)) return;
    const place = this.#placeOf(offset);
    this.#fetched.push({ reference: referenceOf(image, place), isBase: false, place });
  }

  #onImage(image: Expanded, place: Place): Omit<Stage, "name" | "index"> {
    const scratch = image.why === undefined && image.text === "scratch";
    const given = this.#request.contexts?.has(image.text) === true;
    const base: Fact<ImageReference> = scratch
      ? unstated(place)
      : given
        ? unknown(`\`${image.text}\` is another context of the build`, place)
        : referenceOf(image, place);
    if (!scratch && !given) this.#fetched.push({ reference: base, isBase: false, place });
    const known = base.kind === "stated" ? userOfBaseImage(base.value) : scratch ? userOfScratch : undefined;
    return {
      parent: undefined,
      base,
      place,
      user: known === undefined ? unstated(place) : defaulted(known, "image", place),
      environment: new Map(),
      entrypoint: unstated(place),
      command: unstated(place),
      healthCheck: unstated(place),
      exposed: [],
      exposedDoubt: undefined,
    };
  }
}

function referenceOf(image: Expanded, place: Place): Fact<ImageReference> {
  if (image.why !== undefined) return unknown(image.why, place);
  const reference = parseImageReference(image.text);
  return reference === undefined
    ? unknown("`FROM` names no image", place)
    : { kind: "stated", value: reference, place };
}

function asValue({ text, why }: Expanded): VariableValue {
  return why === undefined ? { text } : { why };
}
