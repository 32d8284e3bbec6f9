import { formsOf } from "../../../secrets/value-forms.ts";
import type { FakeHost } from "./fake-process.ts";
import { textsOf } from "./told-texts.ts";

/** What an independent client finds wrong while a rotation is under way, or after its process died. */
export function wrongMidway(host: FakeHost): readonly string[] {
  const wrong: string[] = [];
  for (const [service, { using }] of host.world.consumers) {
    for (const [secret, { account, value }] of Object.entries(using)) {
      if (host.mode === "pair" && !host.world.works(service, secret)) wrong.push(`${service} is locked out`);
      const kept = ["", "--next", "--previous"].map((end) => host.store.values.get(`${secret}${end}`));
      if (!kept.includes(value)) wrong.push(`the store has lost what ${service} uses`);
      const works = host.world.accounts.get(account);
      if (host.mode === "single" && !kept.includes(works)) wrong.push(`nobody has what the issuer takes for ${secret}`);
    }
  }
  return wrong;
}

/** What is wrong after a rotation has ended, given the values that were in use before it. */
export async function wrongAtEnd(host: FakeHost, before: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const wrong = [...wrongMidway(host)];
  for (const [service, { using }] of host.world.consumers) {
    for (const [secret, { account, value }] of Object.entries(using)) {
      if (host.store.values.get(secret) !== value) wrong.push(`${service} does not use the store's ${secret}`);
      const recorded = host.records.kept.get(secret)?.account ?? secret;
      if (account !== recorded) wrong.push(`${service} signs in as ${account}, and ${recorded} is recorded`);
      if (!host.world.works(service, secret)) wrong.push(`${service} is locked out`);
    }
  }
  const present = new Set([...before.keys()].map((secret) => host.store.values.get(secret)));
  const alive = [...host.world.accounts.values()].filter((value) => !present.has(value));
  if (alive.length > 0) wrong.push(`${alive.length} values work that nobody has`);
  if (host.world.accounts.size !== before.size) wrong.push(`${host.world.accounts.size} accounts are open`);
  const beside = [...host.store.values.keys()].filter((name) => name.includes("--"));
  if (beside.length > 0) wrong.push(`the store still has ${beside.join(", ")}`);
  return wrong;
}

/** Every text that a rotation writes or tells, to be searched for values. */
export async function allTexts(host: FakeHost): Promise<string> {
  return textsOf(host, host.state.path, () => true);
}

/** The values, and how they look in other clothes or by their first half, that stand in a text. */
export function valuesIn(text: string, values: Iterable<string>): readonly string[] {
  return [...values].filter((value) => formsOfValue(value).some((form) => text.includes(form)));
}

/** A value as it may stand in a text: as it is, encoded, or its first half. */
export function formsOfValue(value: string): readonly string[] {
  return [...formsOf(value), value.slice(0, 16)];
}
