import type { PlainMail } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { asBoolean, asText, Fields, type ScalarParser } from "../fields.ts";

/**
 * Mail that is sent although nobody demands TLS. A receiver's own settings come before those under `global`; on port 465 the
 * connection is TLS from its first byte, unless `force_implicit_tls` says otherwise.
 *
 * Source: Alertmanager's documentation, "Configuration" (`smtp_require_tls`, `require_tls`); notify/email/email.go.
 */
export function plainMail(root: Fields, place: Place): FactList<PlainMail> {
  const shared = root.fields("global");
  const receivers = root.list("receivers", (node) => ({ value: Fields.of(node, node.place, "a receiver") }));
  const items: PlainMail[] = [];
  let why = receivers.complete ? undefined : receivers.why;
  for (const receiver of receivers.items) {
    const name = knownValue(receiver.fact("name", asText, "a text", unstated)) ?? "?";
    const mails = receiver.list("email_configs", (node) => ({ value: Fields.of(node, node.place, "email_configs") }));
    if (!mails.complete) why ??= mails.why;
    for (const own of mails.items) {
      const found = new Submission(own, shared).judged(name);
      if (typeof found === "string") why ??= found;
      else if (found !== undefined) items.push(found);
    }
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** How one entry of `email_configs` sends. */
class Submission {
  readonly #own: Fields;
  readonly #shared: Fields;

  constructor(own: Fields, shared: Fields) {
    this.#own = own;
    this.#shared = shared;
  }

  /** The mail that may be sent in the open, why it cannot be told, or undefined where it is encrypted. */
  judged(receiver: string): PlainMail | string | undefined {
    const demanded = this.#flag("require_tls");
    if (demanded.kind === "unknown") return demanded.why;
    if (knownValue(demanded) !== false) return undefined;
    const smarthost = this.#setting("smarthost", asText, "a text");
    const implicit = this.#flag("force_implicit_tls");
    if (implicit.kind === "unknown") return implicit.why;
    if (knownValue(implicit) ?? /:465$/.test(knownValue(smarthost) ?? "")) return undefined;
    const signsIn = this.#setting("auth_username", asText, "a text").kind !== "unstated";
    return { receiver, host: hostOf(smarthost), signsIn, place: demanded.place };
  }

  #flag(key: string): Fact<boolean> {
    const flag = this.#setting(key, asBoolean, "true or false");
    return flag.kind === "unstated" && key === "require_tls" ? defaulted(true, "platform", flag.place) : flag;
  }

  #setting<T>(key: string, parse: ScalarParser<T>, expected: string): Fact<T> {
    const own = this.#own.fact<T>(key, parse, expected, unstated);
    return own.kind === "unstated" ? this.#shared.fact<T>(`smtp_${key}`, parse, expected, unstated) : own;
  }
}

/** The host of `mail.example.org:587`. */
function hostOf(smarthost: Fact<string>): Fact<string> {
  return /\$\{|\{\{|%\{/.test(knownValue(smarthost) ?? "")
    ? unknown("another program fills in the address", smarthost.place)
    : mapFact(smarthost, (text) => text.replace(/:\d{1,5}$/, "").replace(/^\[(.*)\]$/, "$1"));
}
