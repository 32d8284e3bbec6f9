import { defaulted, type Fact, stated, unknown } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { NginxDirective } from "./include.ts";
import { Level } from "./level.ts";
import type { NginxServer } from "./server.ts";

/** What a location does with a request. */
export type LocationEnd =
  /** Hands it on: `pass` is `proxy_pass` and its like. */
  | { readonly kind: "pass"; readonly pass: NginxDirective }
  | { readonly kind: "files" }
  /** Answers by itself: `return`, `deny all`. */
  | { readonly kind: "answer" }
  | { readonly kind: "status" };

export interface NginxLocation {
  readonly level: Level;
  readonly end: LocationEnd;
  readonly path: Fact<string>;
  /** `/api/` as it is written; undefined for what a server does outside of its locations. */
  readonly written: string | undefined;
  readonly modifier: string;
  /** A pattern that tells files by their ending: pictures, scripts, styles. */
  readonly isForEndings: boolean;
  readonly place: Place;
}

const passes = ["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass"];
const maxDepth = 20;

/** The locations of a server that visitors can ask for, and what it does with all other requests. */
export function locationsOf(server: NginxServer): readonly NginxLocation[] {
  const found = locationsIn(server.level, 0);
  const takesAll = found.some(({ written, modifier }) => written === "/" && (modifier === "" || modifier === "^~"));
  if (takesAll || answersAll(server.level)) return found;
  const path = defaulted<string>("/", "platform", server.place);
  const rest = { level: server.level, end: endOf(server.level), path, written: undefined, modifier: "" };
  return [...found, { ...rest, isForEndings: false, place: server.place }];
}

/** Whether a `return` or a `rewrite` that takes every path and leads elsewhere answers every request of a block. */
export function answersAll(level: Level): boolean {
  return level.own("return").length > 0 || level.own("rewrite").some(sendsAllAway);
}

/** `rewrite ^ https://…`, `rewrite ^/(.*)$ https://… permanent`. */
export function sendsAllAway({ args }: NginxDirective): boolean {
  const [pattern, to] = args;
  return /^\^?\/?\(?(?:\.\*)?\)?\$?$/.test(pattern?.text ?? "x") && /^https?:\/\/|^\$scheme/.test(to?.text ?? "");
}

function locationsIn(level: Level, depth: number): readonly NginxLocation[] {
  if (depth > maxDepth) return [];
  return level.own("location").flatMap((directive): readonly NginxLocation[] => {
    const inner = new Level(directive.block ?? [], level);
    if (inner.own("internal").length > 0) return [];
    const [first, second] = directive.args;
    const modifier = second === undefined ? "" : (first?.text ?? "");
    const written = (second ?? first)?.text ?? "";
    const own: NginxLocation = {
      level: inner,
      end: endOf(inner),
      path: pathOf(modifier, directive),
      written,
      modifier,
      isForEndings: /^~/.test(modifier) && /^(?:\^\.\+|\.\*)?\\\./.test(written),
      place: directive.place,
    };
    return [own, ...locationsIn(inner, depth + 1)];
  });
}

function endOf(level: Level): LocationEnd {
  const pass = passes.flatMap((name) => level.own(name)).at(0);
  if (pass !== undefined) return { kind: "pass", pass };
  if (level.own("stub_status").length > 0) return { kind: "status" };
  if (answersAll(level)) return { kind: "answer" };
  const denied = level.list("allow", "deny");
  return denied.length > 0 && denied.every(({ name, args }) => name === "deny" && args[0]?.text === "all")
    ? { kind: "answer" }
    : { kind: "files" };
}

function pathOf(modifier: string, { args, place }: NginxDirective): Fact<string> {
  const word = args.at(-1);
  if (word === undefined) return defaulted("/", "platform", place);
  if (word.unresolved !== undefined) return unknown(word.unresolved, word.place);
  // A named location is gone to from elsewhere; an ending tells the kind of a file, not where it lies.
  if (word.text.startsWith("@") || /^~/.test(modifier)) {
    return word.text.startsWith("@") || (/\\\.\w+\$?\)?\(?/.test(word.text) && !word.text.startsWith("^/"))
      ? defaulted("/", "platform", word.place)
      : patternPath(word.text, word.place);
  }
  const path = word.text.replace(/\/+$/, "");
  return stated(path === "" ? "/" : path, word.place);
}

/** What a pattern begins with, when that is plain: `^/api/v[12]` begins with `/api`. */
function patternPath(pattern: string, place: Place): Fact<string> {
  const plain = /^\^(\/[\w-]+(?:\/[\w-]+)*)(?:\/|$|\(|\\)/.exec(pattern)?.[1];
  return plain === undefined ? unknown("a pattern decides the path", place) : stated(plain, place);
}
