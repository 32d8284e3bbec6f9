/**
 * What single instructions say: `ENV`, `USER`, `EXPOSE`, `CMD`, `ENTRYPOINT`, `HEALTHCHECK`.
 *
 * Source: docs.docker.com/reference/dockerfile.
 */
import { defaulted, type Fact, unknown } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { HealthCheck, UserIdentity } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Instruction } from "./parse.ts";
import type { ExposedPort } from "./stage.ts";
import { expandWord, jsonWords, type Lookup, splitWords } from "./words.ts";

/** Ports of a range beyond these are not listed. */
const mostPorts = 100;

/** `8080`, `53/udp`, `8000-8010/tcp`; undefined for what is none. */
export function portsOf(text: string): readonly Omit<ExposedPort, "place">[] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Math.min(Number(match[2] ?? match[1]), first + mostPorts - 1, 65_535);
  const named = match[3]?.toLowerCase();
  const protocol = named === "udp" || named === "sctp" ? named : "tcp";
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({ port: first + index, protocol }));
}

export interface Assigned {
  readonly name: string;
  /** As it is written. */
  readonly value: string;
  readonly offset: number;
}

/** `A=b C="d e"`, and the old form `A all of the rest`. For `ENV` and `LABEL`. */
export function assignmentsOf(instruction: Instruction): readonly Assigned[] {
  const words = splitWords(instruction.text, instruction.textOffset);
  const [first] = words;
  if (first === undefined) return [];
  if (!first.raw.includes("=")) {
    const value = instruction.text
      .slice(first.offset - instruction.textOffset + first.raw.length)
      .replace(/\\[ \t\r]*\n/g, "")
      .trim();
    return [{ name: first.raw, value, offset: first.offset }];
  }
  return words.flatMap(({ raw, offset }) => {
    const at = raw.indexOf("=");
    return at < 1 ? [] : [{ name: raw.slice(0, at).replace(/["']/g, ""), value: raw.slice(at + 1), offset }];
  });
}

export function userOf(instruction: Instruction, lookup: Lookup, place: Place): Fact<UserIdentity> {
  const { text, why } = expandWord(instruction.text.trim(), lookup);
  if (why !== undefined) return unknown(why, place);
  const match = /^([A-Za-z0-9_][\w.@-]*\$?)(?::([\w.@-]*))?$/.exec(text.trim());
  if (match === null) return unknown("`USER` is neither a name nor a number", place);
  const [, who = "", group] = match;
  const uid = idOf(who);
  const gid = group === undefined ? undefined : idOf(group);
  return defaulted(
    {
      text: text.trim(),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(/^\d+$/.test(who) ? {} : { name: who }),
    },
    "image",
    place,
  );
}

function idOf(text: string): number | undefined {
  if (text === "root") return 0;
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The JSON form as it stands; the other one as what a shell is given. */
export function argumentsOf(text: string, place: Place): Fact<readonly Sensitive[]> {
  const words = jsonWords(text) ?? (text.trim() === "" ? [] : ["/bin/sh", "-c", text.trim()]);
  return defaulted(
    words.map((word) => new Sensitive(word)),
    "image",
    place,
  );
}

export function healthCheckOf(text: string, place: Place): Fact<HealthCheck> {
  const match = /^(NONE|CMD)(?:[\s\\]|$)/i.exec(text.trim());
  if (match === null) return unknown("`HEALTHCHECK` is neither `CMD` nor `NONE`", place);
  if (match[1]?.toUpperCase() === "NONE") return defaulted({ kind: "disabled" }, "image", place);
  const rest = text.trim().slice(3).trim();
  const words = jsonWords(rest);
  return defaulted(
    { kind: "command", command: words === undefined ? ["CMD-SHELL", rest] : ["CMD", ...words] },
    "image",
    place,
  );
}
