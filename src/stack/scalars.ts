/** The small values of a declaration, each with the sentence that says what was expected. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import type { RotationPolicy } from "./vocabulary.ts";

/** Names become DNS labels, network and volume names; `--` is kept for joining two of them. */
export const namePattern = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,30}$/;
const hostPattern =
  /^(?:@|(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)$/;
const imagePattern =
  /^(?<repository>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d{1,5}(?=\/))?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$/;

export const name = z
  .string()
  .regex(namePattern, "expected a name of lower-case letters, digits and single dashes, 31 at most, letter first");

export const hostName = z
  .string()
  .regex(
    hostPattern,
    "expected a host name in lower case such as `shop.example.org`, a label under the domain, or `@`",
  );

export const domainName = z
  .string()
  .regex(hostPattern, "expected a domain in lower case such as `example.org`")
  .refine((value) => value !== "@", "expected a domain in lower case such as `example.org`");

export const cidr = z.string().refine(isNetwork, {
  error: (issue) => describeCidrMistake(String(issue.input)),
});

export const image = z
  .string()
  .regex(imagePattern, "expected an image such as `docker.io/library/nginx:1.28.0` or with `@sha256:…`");

export const portNumber = z
  .int("expected a port number from 1 to 65535")
  .min(1, "expected a port number from 1 to 65535")
  .max(65535, "expected a port number from 1 to 65535");

/** A path in a container: absolute, without `..`. */
export const containerPath = z
  .string()
  .regex(/^(?!.*\/\.\.(?:\/|$))\/[^\0:]*$/, "expected an absolute path in the container, without `..` or `:`");

export const reason = z
  .string()
  .trim()
  .min(10, "expected a reason of at least ten characters: what for, and why there is no other way");

export const isoDate = z
  .string()
  .refine((value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`)), {
    error: "expected a date such as `2027-01-31`",
  });

const durationUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of `30s`, `5m`, `2h`, `7d`, `4w`; undefined for anything else, and for nothing. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,5})(s|m|h|d|w)$/.exec(text);
  const unit = durationUnits[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** Read as seconds. */
export const duration = z.string().transform((text, context) => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  context.issues.push({
    code: "custom",
    input: text,
    message: "expected a duration such as `30s`, `5m`, `2h` or `7d`",
  });
  return z.NEVER;
});

const sizeUnits: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** Bytes of `256MB`, `1.5GB`; units of 1024, as engines count memory. Undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s?(KB|MB|GB|TB)$/.exec(text.toUpperCase().replace(/I?B?$/, "B"));
  const unit = sizeUnits[match?.[2] ?? ""];
  if (match === null || unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Read as bytes. */
export const size = z.string().transform((text, context) => {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  context.issues.push({ code: "custom", input: text, message: "expected a size such as `256MB` or `1.5GB`" });
  return z.NEVER;
});

/** Read as requests and seconds; `none` as undefined. */
export const rateLimit = z.string().transform((text, context) => {
  if (text === "none") return undefined;
  const match = /^([1-9]\d{0,6})\/(.+)$/.exec(text);
  const seconds = parseDuration(/^\d/.test(match?.[2] ?? "") ? (match?.[2] ?? "") : `1${match?.[2] ?? ""}`);
  if (match !== null && seconds !== undefined) return { requests: Number(match[1]), windowSeconds: seconds };
  context.issues.push({
    code: "custom",
    input: text,
    message: "expected requests in a window such as `100/1m`, or `none`",
  });
  return z.NEVER;
});

/** Read as a policy. */
export const rotation = z.string().transform((text, context): RotationPolicy => {
  if (text === "on-compromise") return { kind: "on-compromise" };
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1];
  if (days !== undefined) return { kind: "days", days: Number(days) };
  context.issues.push({ code: "custom", input: text, message: "expected days such as `90d`, or `on-compromise`" });
  return z.NEVER;
});

export interface ImageName {
  /** With its registry: `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Parts of an image's name, the registry and `library/` filled in as Docker does. Undefined when it is none. */
export function parseImage(text: string): ImageName | undefined {
  const groups = imagePattern.exec(text)?.groups;
  const written = groups?.repository;
  if (written === undefined) return undefined;
  return { repository: fullRepository(written), tag: groups?.tag, digest: groups?.digest };
}

function fullRepository(written: string): string {
  const first = written.split("/", 1)[0] ?? "";
  const hasRegistry = written.includes("/") && (first.includes(".") || first.includes(":") || first === "localhost");
  if (hasRegistry) return written;
  return written.includes("/") ? `docker.io/${written}` : `docker.io/library/${written}`;
}

function isNetwork(text: string): boolean {
  if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(text)) return false;
  if (!ipaddr.isValidCIDR(text)) return false;
  const [address, prefix] = ipaddr.parseCIDR(text);
  if (address.kind() === "ipv4" && !ipaddr.IPv4.isValidFourPartDecimal(text.split("/")[0] ?? "")) return false;
  return networkAddress(address, prefix) === address.toString();
}

function describeCidrMistake(text: string): string {
  if (ipaddr.isValid(text))
    return `expected a network such as \`${text}/${text.includes(":") ? 128 : 32}\` for this one address`;
  if (/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(text) && ipaddr.isValidCIDR(text)) {
    const [address, prefix] = ipaddr.parseCIDR(text);
    return `expected the network's own address: \`${networkAddress(address, prefix)}/${prefix}\``;
  }
  return "expected a network such as `10.10.0.0/24`";
}

function networkAddress(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): string {
  const bytes = address.toByteArray().map((byte, index) => {
    const bits = Math.max(0, Math.min(8, prefix - index * 8));
    return byte & ((0xff << (8 - bits)) & 0xff);
  });
  return ipaddr.fromByteArray(bytes).toString();
}
