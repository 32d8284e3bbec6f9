/**
 * One stage of a Dockerfile, instruction by instruction.
 */
import { defaulted, type Fact, unknown } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { EnvironmentVariable, HealthCheck, ImageReference, UserIdentity } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Instruction, PlaceOf } from "./parse.ts";
import { type Assigned, argumentsOf, assignmentsOf, healthCheckOf, portsOf, userOf } from "./values.ts";
import { expandWord, type Lookup, splitWords, type VariableValue } from "./words.ts";

export interface ExposedPort {
  readonly port: number;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly place: Place;
}

/** What is known of the image after a stage's last instruction. */
export interface Stage {
  /** Its position among the stages, from 0. */
  readonly index: number;
  readonly name: string | undefined;
  /** The stage that it stands on; undefined for one that stands on an image. */
  readonly parent: Stage | undefined;
  /** The image at the bottom; `unstated` for `scratch`. */
  readonly base: Fact<ImageReference>;
  readonly place: Place;
  readonly user: Fact<UserIdentity>;
  /** Whether a `USER` of this Dockerfile says so, in this stage or in one that it stands on. */
  readonly userIsWritten?: true;
  readonly environment: ReadonlyMap<string, EnvironmentVariable>;
  readonly entrypoint: Fact<readonly Sensitive[]>;
  readonly command: Fact<readonly Sensitive[]>;
  readonly healthCheck: Fact<HealthCheck>;
  readonly exposed: readonly ExposedPort[];
  /** Why further ports may be exposed. */
  readonly exposedDoubt: string | undefined;
}

/**
 * Called with each instruction while the stages are read; `lookup` is good until it returns. The stage is -1 for what
 * stands before the first `FROM`.
 */
export type Visit = (instruction: Instruction, lookup: Lookup, stage: number) => void;

/** What the reader of a stage asks of the one of the file. */
export interface Surroundings {
  readonly visit: Visit;
  declare(instruction: Instruction, into: Map<string, VariableValue>, lookup: Lookup): void;
  copiedFrom(raw: string, offset: number, lookup: Lookup): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Walks the instructions of one stage. */
export class StageReader {
  readonly #placeOf: PlaceOf;
  readonly #around: Surroundings;
  readonly #stage: Mutable<Stage>;
  readonly #environment: Map<string, EnvironmentVariable>;
  readonly #exposed: ExposedPort[];
  readonly #arguments = new Map<string, VariableValue>();
  #hasCommand = false;
  /** What variables mean now: `ENV` comes before `ARG`. */
  readonly #lookup: Lookup = (name) => {
    const variable = this.#environment.get(name);
    return variable === undefined ? this.#arguments.get(name) : textOfFact(variable.value);
  };

  constructor(placeOf: PlaceOf, start: Stage, around: Surroundings) {
    this.#placeOf = placeOf;
    this.#around = around;
    this.#environment = new Map(start.environment);
    this.#exposed = [...start.exposed];
    this.#stage = { ...start, environment: this.#environment, exposed: this.#exposed };
  }

  read(instructions: readonly Instruction[]): Stage {
    for (const instruction of instructions) {
      this.#around.visit(instruction, this.#lookup, this.#stage.index);
      if (instruction.onBuild) continue;
      for (const { name, value, offset } of instruction.flags) {
        const from = name === "from" ? value : name === "mount" ? /(?:^|,)from=([^,]+)/.exec(value)?.[1] : undefined;
        if (from !== undefined) this.#around.copiedFrom(from, offset, this.#lookup);
      }
      this.#apply(instruction);
    }
    return this.#stage;
  }

  #apply(instruction: Instruction): void {
    const place = this.#placeOf(instruction.offset);
    switch (instruction.keyword) {
      case "ARG":
        this.#around.declare(instruction, this.#arguments, this.#lookup);
        break;
      case "ENV":
        this.#set(assignmentsOf(instruction));
        break;
      case "USER":
        this.#stage.user = userOf(instruction, this.#lookup, place);
        this.#stage.userIsWritten = true;
        break;
      case "EXPOSE":
        this.#expose(instruction);
        break;
      case "CMD":
        this.#stage.command = argumentsOf(instruction.text, place);
        this.#hasCommand = true;
        break;
      case "ENTRYPOINT":
        this.#stage.entrypoint = argumentsOf(instruction.text, place);
        // The command of the image or stage below is dropped with its entrypoint.
        if (!this.#hasCommand) this.#stage.command = defaulted([], "image", place);
        break;
      case "HEALTHCHECK":
        this.#stage.healthCheck = healthCheckOf(instruction.text, place);
    }
  }

  /** All of one instruction see what was set before it. */
  #set(assigned: readonly Assigned[]): void {
    const variables = assigned.map(({ name, value, offset }): EnvironmentVariable => {
      const { text, why, uses } = expandWord(value, this.#lookup);
      const place = this.#placeOf(offset);
      const fact: EnvironmentVariable["value"] =
        why === undefined ? defaulted(new Sensitive(text), "image", place) : unknown(why, place);
      return { name, value: fact, interpolates: uses, place };
    });
    for (const variable of variables) this.#environment.set(variable.name, variable);
  }

  #expose(instruction: Instruction): void {
    for (const { raw, offset } of splitWords(instruction.text, instruction.textOffset)) {
      const { text, why } = expandWord(raw, this.#lookup);
      const ports = why === undefined ? portsOf(text) : undefined;
      if (ports === undefined) this.#stage.exposedDoubt ??= why ?? "an entry of `EXPOSE` is not a port";
      else this.#exposed.push(...ports.map((port) => ({ ...port, place: this.#placeOf(offset) })));
    }
  }
}

function textOfFact(value: EnvironmentVariable["value"]): VariableValue {
  if (value.kind === "stated" || value.kind === "defaulted") return { text: value.value.reveal() };
  return value.kind === "unknown" ? { why: value.why } : undefined;
}
