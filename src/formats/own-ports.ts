/**
 * The ports on which a program answers, as far as its settings, its variables and arguments, or its own default tell them.
 * What may be another one is unknown: no way to it is taken for the only one then.
 */
import { type Fact, knownValue, mapFact, stated, unknown } from "../facts/fact.ts";
import { portOf } from "../lib/own-address.ts";
import type { ConfigInput } from "./config-format.ts";

/** The ports that facts name together; unknown where one of them is, or where none is named. */
export function portsIn(...facts: readonly Fact<number>[]): Fact<readonly number[]> {
  const [first] = facts;
  if (first === undefined) return unknown("no port is named", { kind: "nowhere", why: "nothing is stated" });
  const hidden = facts.find(({ kind }) => kind === "unknown" || kind === "unstated");
  if (hidden?.kind === "unknown") return hidden;
  if (hidden !== undefined) return unknown("no port is named", hidden.place);
  const ports = facts.flatMap((fact) => knownValue(fact) ?? []);
  const isPort = (port: number) => Number.isInteger(port) && port > 0 && port <= 65_535;
  return ports.every(isPort)
    ? mapFact(first, () => [...new Set(ports)])
    : unknown("it is told no port to answer on", first.place);
}

/** The port at the end of an address: `:8000`, `0.0.0.0:8200`, `tcp://:9091/`. */
export function portOfAddress(address: Fact<string>): Fact<number> {
  if (address.kind === "unknown" || address.kind === "unstated") return address;
  const port = portOf(address.value.trim().replace(/^tcp[46]?:\/\/([^/]*)(?:\/.*)?$/, "$1"));
  return port === undefined ? unknown("its address names no port", address.place) : mapFact(address, () => port);
}

/** What a variable says that names a port; undefined where it is not set, or empty. */
export function portVariable(
  { environment }: Pick<ConfigInput, "environment">,
  name: string,
): Fact<number> | undefined {
  const given = environment?.(name);
  if (given === undefined || given.kind === "unstated") return undefined;
  if (given.kind === "unknown") return given;
  const text = given.value.reveal().trim();
  if (text === "") return undefined;
  return /^\d{1,5}$/.test(text) ? stated(Number(text), given.place) : unknown(`\`${name}\` is no port`, given.place);
}

/** A port that arguments may set too: unknown where one of them does, or where not all of them are seen. */
export function unlessMoved<T>(
  ports: Fact<T>,
  { words, unseenWords }: Pick<ConfigInput, "words" | "unseenWords">,
  by: RegExp,
): Fact<T> {
  if (unseenWords !== undefined) return unknown(unseenWords, ports.place);
  return by.test((words ?? []).join(" ")) ? unknown("an argument may name another port", ports.place) : ports;
}
