import { type Fact, stated, unknown } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { portsIn } from "../own-ports.ts";
import type { NginxDirective } from "./include.ts";
import { Level } from "./level.ts";
import type { Word } from "./parse.ts";

/** An address that a server listens on. */
export interface Listen {
  /** Undefined for a socket of the file system. */
  readonly port: number | undefined;
  readonly tls: boolean;
  readonly isDefault: boolean;
  /** Why port and TLS cannot be told. */
  readonly unresolved?: string;
  readonly place: Place;
}

/** One `server` block of `http`. */
export interface NginxServer {
  readonly level: Level;
  readonly listens: readonly Listen[];
  /** `*` for any name. */
  readonly names: readonly Fact<string>[];
  readonly place: Place;
}

export function serversIn(http: Level): readonly NginxServer[] {
  return http.own("server").map((directive) => {
    const level = new Level(directive.block ?? [], http);
    return {
      level,
      listens: listensOf(level, directive),
      names: namesOf(level, directive.place),
      place: directive.place,
    };
  });
}

function listensOf(level: Level, server: NginxDirective): readonly Listen[] {
  const own = level.own("listen");
  const everyTls = level.last("ssl")?.args[0]?.text === "on";
  const { unseen } = level;
  if (own.length === 0) {
    const hidden = unseen === undefined ? {} : { unresolved: unseen };
    return [{ port: 80, tls: everyTls, isDefault: false, ...hidden, place: server.place }];
  }
  return own.flatMap(({ args, place }) => {
    const [address, ...options] = args;
    return address === undefined ? [] : [listen(address, options, everyTls, place)];
  });
}

function listen(address: Word, options: readonly Word[], everyTls: boolean, place: Place): Listen {
  const words = options.map(({ text }) => text);
  const hidden = address.unresolved ?? options.find(({ unresolved }) => unresolved !== undefined)?.unresolved;
  const { text } = address;
  const port = text.startsWith("unix:") ? undefined : (/^(?:.*:)?(\d{1,5})$/.exec(text)?.[1] ?? "80");
  return {
    port: port === undefined ? undefined : Number(port),
    tls: everyTls || words.includes("ssl") || words.includes("quic"),
    isDefault: words.includes("default_server") || words.includes("default"),
    ...(hidden === undefined ? {} : { unresolved: hidden }),
    place,
  };
}

/** The ports that a server answers on. */
export function portsOf({ listens }: NginxServer): Fact<readonly number[]> {
  const facts = listens.map(({ port, unresolved, place }): Fact<number> => {
    if (unresolved !== undefined) return unknown(unresolved, place);
    return port === undefined ? unknown("it listens on a socket", place) : stated(port, place);
  });
  return portsIn(...facts);
}

/** Names by which a server is asked for. `_` and an empty name stand for none, so that it takes what no other does. */
function namesOf(level: Level, place: Place): readonly Fact<string>[] {
  const words = level.own("server_name").flatMap(({ args }) => args);
  const facts = new Map<string, Fact<string>>();
  for (const word of words) facts.set(word.text, nameFact(word));
  if (facts.size > 0) return [...facts.values()];
  return [level.unseen === undefined ? stated("*", place) : unknown(level.unseen, place)];
}

function nameFact({ text, unresolved, place }: Word): Fact<string> {
  if (unresolved !== undefined) return unknown(unresolved, place);
  if (text.startsWith("~")) return unknown("a pattern decides the host name", place);
  if (text.includes("$")) return unknown("a variable decides the host name", place);
  if (text === "_" || text === "") return stated("*", place);
  return stated(text.replace(/^\./, "").toLowerCase(), place);
}
