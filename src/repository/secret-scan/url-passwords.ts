import { classifySecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { leadsToItself } from "../../lib/own-address.ts";
import type { FoundSecret } from "./found.ts";

/** What follows `://` where an address carries a name and a password. */
const credentials = /([^\s/:@"'`<>\\]{0,100}):([^\s/@"'`<>\\]{1,200})@(\[[\da-f:.]{2,45}\]|[^\s/"'`<>:?#]{1,100})/iy;
/** What stands for a value, not one: `${X}`, `{{ x }}`, `%s`, `$PASSWORD`. */
const variable = /[${}%]|^\*+$|^\.+$/;
/** Further hosts that nobody else reaches, and those that only manuals name (RFC 2606). */
const nowhere =
  /^(?:host\.docker\.internal|[\w.-]*example\.(?:com|net|org)|[\w.-]*\.(?:test|example|invalid|localhost|localdomain)$)/i;

/** Passwords written into addresses (`postgres://app:…@db`), but for those that anybody would guess. */
export function urlPasswordsIn(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
    credentials.lastIndex = at + 3;
    const match = credentials.exec(text);
    if (match === null) continue;
    const [, user = "", password = "", host = ""] = match;
    if (variable.test(password) || variable.test(user) || leadsToItself(host) || nowhere.test(host)) continue;
    const kind = classifySecret("", new Sensitive(`x://${user}:${password}@h`), () => [host, ...host.split(".")]);
    if (kind !== "literal-secret" || password.length < 6) continue;
    const offset = at + 3 + user.length + 1;
    found.push({
      what: `the password in an address of ${schemeBefore(text, at)}`,
      by: "url",
      offset,
      end: offset + password.length,
    });
  }
  return found;
}

/** `a postgres server` for what stands before `://`. */
function schemeBefore(text: string, at: number): string {
  const scheme = /[a-z][a-z0-9+.-]{0,20}$/i.exec(text.slice(Math.max(0, at - 21), at))?.[0];
  return scheme === undefined ? "a server" : `the scheme ${scheme.toLowerCase()}`;
}
