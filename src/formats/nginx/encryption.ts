import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { ConfigInput } from "../config-format.ts";
import type { NginxDirective } from "./include.ts";
import type { Level } from "./level.ts";
import { locationsOf, sendsAllAway } from "./location.ts";
import type { PlainServers } from "./plain-servers.ts";
import type { NginxServer } from "./server.ts";

/**
 * What an image of nginx takes by itself, told by its tag: since 1.27.3 (CHANGES, 26 Nov 2024) TLS 1.0 and 1.1 only where
 * they are named. Of older ones it is not known, for the OpenSSL of their image has a say.
 */
export function oldestTls({ image = "", imageTag = "" }: Pick<ConfigInput, "image" | "imageTag">): "1.2" | undefined {
  if (!/^(?:library\/)?nginx$|(?:^|\/)nginx-unprivileged$/.test(image)) return undefined;
  const [, minor, patch] = /^1\.(\d{1,3})(?:\.(\d{1,3}))?(?:-|$)/.exec(imageTag) ?? [];
  if (minor === undefined) return undefined;
  const isNew = Number(minor) > 27 || (Number(minor) === 27 && Number(patch ?? 9) >= 3);
  return isNew ? "1.2" : undefined;
}

/** The oldest version of TLS that a server takes; `byDefault` where none is named. */
export function tlsOf({ listens, level, place }: NginxServer, byDefault?: "1.2"): Route["tls"] {
  const hidden = listens.find(({ unresolved }) => unresolved !== undefined);
  if (hidden?.unresolved !== undefined) return unknown(hidden.unresolved, hidden.place);
  const [first] = listens;
  if (!listens.some(({ tls }) => tls)) return stated("none", first?.place ?? place);
  const protocols = level.last("ssl_protocols");
  if (protocols === undefined) {
    const doubt = level.doubtOfOne("ssl_protocols");
    if (doubt === undefined && byDefault !== undefined)
      return defaulted({ minimum: byDefault }, "image", first?.place ?? place);
    return unknown(
      doubt ?? "without `ssl_protocols` the version of nginx decides: before 1.27.3 TLS 1.0 is taken",
      first?.place ?? place,
    );
  }
  const unresolved = protocols.args.find((word) => word.unresolved !== undefined)?.unresolved;
  if (unresolved !== undefined) return unknown(unresolved, protocols.place);
  const words = protocols.args.map(({ text }) => text);
  const minimum = words.some((word) => /^SSLv/.test(word) || word === "TLSv1")
    ? "1.0"
    : words.includes("TLSv1.1")
      ? "1.1"
      : words.includes("TLSv1.2")
        ? "1.2"
        : "1.3";
  return stated({ minimum }, protocols.place);
}

/** What becomes of plain HTTP for a name of a server that speaks TLS. */
export function redirectOf(name: Fact<string>, server: NginxServer, plain: PlainServers): Fact<boolean> {
  const { place } = server;
  const host = knownValue(name);
  if (host === undefined)
    return unknown("its name cannot be told, so that it is not known what answers plain HTTP for it", place);
  const takers = plain.takersOf(host);
  const [first] = takers;
  // Nothing answers plain HTTP at all.
  return first === undefined ? stated(true, place) : stated(takers.every(onlyRedirects), first.place);
}

/** Whether plain HTTP gets nothing but a redirect to HTTPS, a refusal, or the proof that a certificate is asked for with. */
export function onlyRedirects(server: NginxServer): boolean {
  const { level } = server;
  if (level.own("return").some((directive) => sendsOn(directive) || refuses(directive))) return true;
  if (rewrites(level)) return true;
  if (
    level
      .own("if")
      .some((condition) => /\$(?:scheme|https|server_port)\b/.test(textOf(condition)) && redirectsIn(condition.block))
  )
    return true;
  const locations = locationsOf(server).filter(({ written }) => written?.startsWith("/.well-known") !== true);
  return locations.length > 0 && locations.every(({ level: own, end }) => end.kind === "answer" || rewrites(own));
}

function redirectsIn(block: readonly NginxDirective[] | undefined): boolean {
  return (block ?? []).some((directive) => (directive.name === "return" && sendsOn(directive)) || isRewrite(directive));
}

function rewrites(level: Level): boolean {
  return level.directives.some(isRewrite) || level.own("return").some(sendsOn);
}

function isRewrite(directive: NginxDirective): boolean {
  return directive.name === "rewrite" && sendsAllAway(directive) && sendsOn(directive);
}

function sendsOn({ args }: NginxDirective): boolean {
  return args.some(({ text }) => text.startsWith("https://"));
}

function refuses({ args }: NginxDirective): boolean {
  return /^4\d\d$/.test(args[0]?.text ?? "");
}

function textOf({ args }: NginxDirective): string {
  return args.map(({ text }) => text).join(" ");
}
