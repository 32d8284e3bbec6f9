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
  const why = withoutTls(owner, system);
  if (why !== undefined) return { kind: "open", protocol, why };
  return byAsking === undefined ? { kind: "wrapped" } : { kind: "upgraded", ...byAsking };
}

export function isMailServer(workload: Workload, system: System): boolean {
  return servers.test(productOf(workload, system).image);
}

/**
 * docker-mailserver's documentation, `SSL_TYPE`: empty, which is its default, "SSL disabled": passwords are taken in the
 * open, and its certificate is the one that every Debian system makes for itself.
 */
function withoutTls(workload: Workload, system: System): string | undefined {
  if (!/^(?:docker-)?mailserver$/.test(productOf(workload, system).image)) return undefined;
  const clauses = system.containersOf(workload).map(sslTypeOf);
  return clauses.find((clause) => clause !== undefined);
}

function sslTypeOf({ environment }: Container): string | undefined {
  const variable = environment.items.findLast(({ name }) => name === "SSL_TYPE");
  if (variable === undefined)
    return environment.complete ? "`SSL_TYPE` is not stated, which leaves TLS off" : undefined;
  return knownValue(variable.value)?.reveal().trim() === "" ? "`SSL_TYPE` is empty, which leaves TLS off" : undefined;
}
