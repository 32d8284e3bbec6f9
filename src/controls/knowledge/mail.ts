import { knownValue } from "../../facts/fact.ts";
import type { Container, Listener, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { productOf } from "./products.ts";

/** Servers of mail that offer STARTTLS: docker-mailserver, mailcow's and Dovecot's own, Stalwart, Poste.io. */
const servers = /^(?:docker-mailserver|dovecot|postfix|stalwart|stalwart-mail|mail-server|poste\.io|mailserver2?)$/;

/** Ports on which mail begins in the open and goes on encrypted when the client asks for it (RFC 8314, sections 3 and 4). */
const upgraded: ReadonlyMap<number, { readonly protocol: string; readonly instead: string }> = new Map([
  [110, { protocol: "POP3", instead: "POP3 over TLS on 995" }],
  [143, { protocol: "IMAP", instead: "IMAP over TLS on 993" }],
  [587, { protocol: "the submission of mail", instead: "submission over TLS on 465" }],
]);
/** Ports on which mail is encrypted from the first byte, where the server has TLS at all. */
const wrapped: ReadonlyMap<number, string> = new Map([
  [465, "the submission of mail"],
  [993, "IMAP"],
  [995, "POP3"],
]);

/** What a port of a known server of mail gives those who sign in. */
export type MailDoor =
  /** The server's TLS is off; `why` is a clause. */
  | { readonly kind: "open"; readonly protocol: string; readonly why: string }
  /** Whether its TLS is off cannot be told. */
  | { readonly kind: "doubt"; readonly why: string }
  /** A client that does not ask for TLS, or is kept from it, may speak in the open. */
  | { readonly kind: "upgraded"; readonly protocol: string; readonly instead: string }
  | { readonly kind: "wrapped" };

/** Undefined for a listener of anything else, and for the port on which servers of mail meet (25). */
export function mailDoorOf(listener: Listener, system: System): MailDoor | undefined {
  const port = knownValue(listener.port);
  const owner = system.workload(listener.owner);
  if (port === undefined || owner === undefined || !isMailServer(owner, system)) return undefined;
  const byAsking = upgraded.get(port);
  const protocol = byAsking?.protocol ?? wrapped.get(port);
  if (protocol === undefined) return undefined;
  const tls = withoutTls(owner, system);
  if (tls !== undefined && "why" in tls) return { kind: "open", protocol, ...tls };
  // What begins in the open is no better where TLS may be off.
  if (byAsking !== undefined) return { kind: "upgraded", ...byAsking };
  return tls === undefined ? { kind: "wrapped" } : { kind: "doubt", why: tls.doubt };
}

export function isMailServer(workload: Workload, system: System): boolean {
  return servers.test(productOf(workload, system).image);
}

/**
 * docker-mailserver's documentation, `SSL_TYPE`: empty, which is its default, "SSL disabled": passwords are taken in the
 * open, and its certificate is the one that every Debian system makes for itself.
 */
function withoutTls(workload: Workload, system: System): Off | undefined {
  if (!/^(?:docker-)?mailserver$/.test(productOf(workload, system).image)) return undefined;
  const answers = system.containersOf(workload).map(sslTypeOf);
  return answers.find((answer) => answer !== undefined && "why" in answer) ?? answers.find((answer) => answer);
}

/** Why TLS is off, or why that cannot be told, as clauses. */
type Off = { readonly why: string } | { readonly doubt: string };

function sslTypeOf({ environment }: Container): Off | undefined {
  const variable = environment.items.findLast(({ name }) => name === "SSL_TYPE");
  if (variable === undefined)
    return environment.complete
      ? { why: "`SSL_TYPE` is not stated, which leaves TLS off" }
      : { doubt: environment.why };
  const { value } = variable;
  if (value.kind === "unknown") return { doubt: `\`SSL_TYPE\` cannot be resolved: ${value.why}` };
  const text = knownValue(value)?.reveal().trim();
  if (text === undefined) return { doubt: "`SSL_TYPE` comes from the environment of whoever starts it" };
  return text === "" ? { why: "`SSL_TYPE` is empty, which leaves TLS off" } : undefined;
}
