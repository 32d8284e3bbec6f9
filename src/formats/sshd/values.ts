/**
 * Which values sshd takes for a keyword. With any other it does not start (and where it runs, it does not reload).
 *
 * Source: the tables of `servconf.c` in OpenSSH 10.0, and what `sshd -t` of 9.2 says of each of them.
 */
import type { SshdLine } from "./parse.ts";

interface Kind {
  readonly takes: RegExp;
  /** What would be right, as the object of "takes". */
  readonly expected: string;
}

const flag: Kind = { takes: /^(?:yes|no)$/i, expected: "`yes` or `no`" };

const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    passwordauthentication: flag,
    kbdinteractiveauthentication: flag,
    challengeresponseauthentication: flag,
    permitemptypasswords: flag,
    pubkeyauthentication: flag,
    hostbasedauthentication: flag,
    usepam: flag,
    strictmodes: flag,
    x11forwarding: flag,
    disableforwarding: flag,
    permitrootlogin: {
      takes: /^(?:yes|no|prohibit-password|without-password|forced-commands-only)$/i,
      expected: "`yes`, `no`, `prohibit-password` or `forced-commands-only`",
    },
    gatewayports: { takes: /^(?:yes|no|clientspecified)$/i, expected: "`yes`, `no` or `clientspecified`" },
    permittunnel: {
      takes: /^(?:yes|no|point-to-point|ethernet)$/,
      expected: "`yes`, `no`, `point-to-point` or `ethernet`",
    },
    maxauthtries: { takes: /^\d{1,9}$/, expected: "a number" },
    logingracetime: { takes: /^(?:\d{1,9}[smhdw]?){1,6}$/i, expected: "a time such as `120` or `2m`" },
    loglevel: {
      takes: /^(?:quiet|fatal|error|info|verbose|debug[1-3]?)$/i,
      expected: "`INFO`, `VERBOSE` or another level of logging",
    },
    persourcepenalties: {
      takes: /^(?:yes|no|(?:[a-z-]{2,40}:[\w.-]{1,40}(?:\s+|$)){1,20})$/i,
      expected: "`yes`, `no` or times such as `authfail:5s`",
    },
    // A name of the system's list of services is a port too.
    port: {
      takes:
        /^(?:0*(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])|ssh|https?|domain|imaps?)$/,
      expected: "a number from 1 to 65535",
    },
  }),
);

/** Filled in by another program before sshd reads it. */
const template = /\{\{|\{%|<%|\$\{?[A-Za-z_]|@\w{2,60}@/;

export function isFilledIn(value: string): boolean {
  return template.test(value);
}

/** What sshd expects instead of what a line says, as the object of "takes"; undefined for what it takes. */
export function expectedInstead({ keyword, arguments: words }: SshdLine): string | undefined {
  const kind = kinds.get(keyword);
  if (kind === undefined) return undefined;
  const value = words.join(" ").slice(0, 500);
  return isFilledIn(value) || kind.takes.test(value) ? undefined : kind.expected;
}
