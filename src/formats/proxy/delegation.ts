/** Forward authentication: the address that a proxy asks, in the form that all formats share. */
import { type Fact, stated, unknown } from "../../facts/fact.ts";
import type { AskedAddress, AskedService, Delegation, SignIn } from "../../facts/sign-in.ts";
import type { Place } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import { splitAddress } from "./proxy-route.ts";

/** The address in a URL, or in an address with a path of its own beside it. */
export function askedAddress(text: string, place: Place, path?: string): Fact<AskedAddress> {
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)([^?#]*)/i.exec(text);
  const fallback = /^(?:https|wss|grpcs)$/i.test(match?.[1] ?? "") ? 443 : 80;
  const host = match?.[2] ?? "";
  // ingress-nginx fills in the name that the visitor asked for.
  const address = /^\$host$/.test(host) ? { host, port: fallback } : splitAddress(host, fallback);
  if (address === undefined) return unknown(`\`${text}\` is no address`, place);
  const asked = path ?? match?.[3] ?? "";
  const [plain = ""] = asked.split(/[?#]/);
  return stated({ ...address, path: plain.startsWith("/") ? plain : `/${plain}` }, place);
}

/** What is said of a way on which others are asked: until they are looked up, nobody knows what it demands. */
export function delegated(
  asked: readonly AskedService[],
  besides: Fact<SignIn>,
): { readonly authentication: Fact<SignIn>; readonly delegation?: Delegation } {
  const [first] = asked;
  if (first === undefined) return { authentication: besides };
  const why = `another service decides who comes in (\`${first.by}\`)`;
  const own = besides.kind === "stated" || besides.kind === "defaulted" ? besides : undefined;
  return { authentication: own ?? unknown(why, first.place), delegation: { asked, besides } };
}

/** A delegation with the workloads that answer, as the proxy finds them by name. */
export function withWorkloads(delegation: Delegation, input: Pick<ConfigInput, "find" | "resolve">): Delegation {
  return { ...delegation, asked: delegation.asked.map((asked) => withWorkload(asked, input)) };
}

function withWorkload(asked: AskedService, input: Pick<ConfigInput, "find" | "resolve">): AskedService {
  const { address } = asked;
  if (address.kind !== "stated") return asked;
  const { host, port } = address.value;
  const found = input.resolve?.(host, port);
  const workload = found !== undefined && "workload" in found ? found.workload : input.find(host, port);
  return workload === undefined ? asked : { ...asked, workload: workload.ref };
}

/** Tells two delegations apart, wherever they stand. */
export function delegationKey(delegation: Delegation | undefined): unknown {
  return delegation?.asked.map(({ by, address }) => [by, address.kind === "stated" ? address.value : address.kind]);
}
