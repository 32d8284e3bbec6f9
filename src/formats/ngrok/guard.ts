/** What an endpoint of ngrok asks of visitors before it lets them through. */
import { type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Audience, Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Fields } from "../fields.ts";
import { child, type TreeNode } from "../tree.ts";

export interface Guard {
  readonly audience: Fact<Audience>;
  readonly signIn: Route["authentication"];
  /** Where passwords for visitors are written out. */
  readonly passwords: readonly Place[];
}

const anyAccount = "whoever has an account with the provider comes in, unless ngrok is told otherwise elsewhere";

/** The settings of a tunnel (version 2); one with a policy besides is asked by both. */
export function guardOfTunnel(fields: Fields, place: Place): Guard {
  const policy = guardOfPolicy(fields.node("traffic_policy") ?? fields.node("policy"), place);
  const basic = [fields.node("basic_auth"), fields.node("auth")].flatMap(itemsOf);
  // Both of its documentation's places: "Agent Config Version 2" and "IP Restrictions".
  const allowed = child(fields.node("ip_restriction"), "allow_cidrs") ?? fields.node("allow_cidrs");
  return {
    audience: allowed === undefined ? policy.audience : networks(allowed),
    signIn: signInOfTunnel(fields, basic, policy.signIn, place),
    passwords: [...basic.filter(isWrittenOut).map((node) => node.place), ...policy.passwords],
  };
}

function signInOfTunnel(
  fields: Fields,
  basic: readonly TreeNode[],
  otherwise: Guard["signIn"],
  place: Place,
): Guard["signIn"] {
  const oidc = fields.node("oidc");
  if (oidc !== undefined) return stated("delegated", oidc.place);
  const oauth = fields.node("oauth");
  if (oauth !== undefined) return ofProvider(oauth);
  const [asked] = [...basic, ...["mutual_tls_cas", "verify_webhook"].flatMap((key) => fields.node(key) ?? [])];
  if (asked === undefined) return otherwise;
  return asked.kind === "scalar" && asked.unresolved !== undefined
    ? unknown(asked.unresolved, place)
    : stated("single-factor", asked.place);
}

/** Without a list of who may come, everybody does who has an account there. */
function ofProvider(oauth: TreeNode): Guard["signIn"] {
  const listed = ["allow_emails", "allow_domains"].some((key) => itemsOf(child(oauth, key)).length > 0);
  return listed ? stated("delegated", oauth.place) : unknown(anyAccount, oauth.place);
}

/**
 * A policy: rules with actions, each for all requests, or for those that its `expressions` name. Sources: ngrok.com/docs,
 * "Traffic Policy": the phases `on_http_request` (`inbound` before) and `on_tcp_connect`.
 */
export function guardOfPolicy(policy: TreeNode | undefined, place: Place): Guard {
  const everybody: Fact<Audience> = stated({ kind: "public" }, place);
  if (policy === undefined) return { audience: everybody, signIn: unstated(place), passwords: [] };
  if (policy.kind !== "mapping") {
    const why = "its policy stands in another place than this file";
    return { audience: unknown(why, policy.place), signIn: unknown(why, policy.place), passwords: [] };
  }
  const rules = ["on_tcp_connect", "on_http_request", "inbound"].flatMap((phase) => itemsOf(child(policy, phase)));
  const actions = rules.flatMap((rule) => {
    const some = itemsOf(child(rule, "expressions")).length > 0;
    return itemsOf(child(rule, "actions")).map((node) => ({ node, some, type: typeOf(node) }));
  });
  return {
    audience: audienceOf(actions) ?? everybody,
    signIn: signInOf(actions) ?? unstated(place),
    passwords: actions.flatMap(({ node, type }) =>
      type === "basic-auth"
        ? itemsOf(child(child(node, "config"), "credentials"))
            .filter(isWrittenOut)
            .map((each) => each.place)
        : [],
    ),
  };
}

interface Action {
  readonly node: TreeNode;
  /** Whether it is for some requests alone. */
  readonly some: boolean;
  readonly type: string;
}

const asks: ReadonlyMap<string, "single-factor" | "delegated"> = new Map([
  ["basic-auth", "single-factor"],
  ["jwt-validation", "single-factor"],
  ["verify-webhook", "single-factor"],
  ["openid-connect", "delegated"],
  ["saml", "delegated"],
]);

function signInOf(actions: readonly Action[]): Guard["signIn"] | undefined {
  for (const { node, some, type } of actions) {
    const kind = type === "oauth" ? "delegated" : asks.get(type);
    const enforces = kind === undefined ? "no" : enforced(node);
    if (kind === undefined || enforces === "no") continue;
    if (enforces !== "yes") return unknown(enforces.why, node.place);
    if (some) return unknown("it is asked of some requests alone", node.place);
    // Who is turned away after a sign-in with a provider, a rule with `deny` says.
    const chosen = type !== "oauth" || actions.some((other) => other.type === "deny" && other.some);
    return chosen ? stated(kind, node.place) : unknown(anyAccount, node.place);
  }
  const unseen = actions.find(({ type, some }) => type === "" || (type === "deny" && some));
  return unseen === undefined ? undefined : unknown("whom its rules turn away cannot be told", unseen.node.place);
}

function audienceOf(actions: readonly Action[]): Fact<Audience> | undefined {
  const restricts = actions.find(({ type }) => type === "restrict-ips");
  if (restricts === undefined) return undefined;
  if (restricts.some) return unknown("it is for some requests alone", restricts.node.place);
  const enforces = enforced(restricts.node);
  if (enforces === "no") return undefined;
  const config = child(restricts.node, "config");
  const policies = child(config, "ip_policies");
  if (policies !== undefined) return unknown("the networks of its IP policies are set at ngrok", policies.place);
  if (enforces !== "yes") return unknown(enforces.why, restricts.node.place);
  const allowed = child(config, "allow");
  return allowed === undefined ? undefined : networks(allowed);
}

/** `enforce: false` lets pass whoever does not fit, and tells the next rule of it. Source: ngrok.com/docs, "Restrict IPs", "Basic Auth". */
function enforced(action: TreeNode): "yes" | "no" | { readonly why: string } {
  const enforce = child(child(action, "config"), "enforce");
  if (enforce === undefined) return "yes";
  if (enforce.kind === "scalar" && enforce.unresolved !== undefined) return { why: enforce.unresolved };
  if (enforce.kind !== "scalar" || typeof enforce.value !== "boolean")
    return { why: "`enforce` is neither true nor false" };
  return enforce.value ? "yes" : "no";
}

function networks(list: TreeNode): Fact<Audience> {
  const items = itemsOf(list);
  const open = items.find((item) => item.kind !== "scalar" || item.unresolved !== undefined);
  if (open !== undefined || items.length === 0)
    return unknown("the networks that it is for cannot be told", list.place);
  const cidrs = items.flatMap((item) => (item.kind === "scalar" ? [String(item.value)] : []));
  return cidrs.some((cidr) => /\/0$/.test(cidr))
    ? stated({ kind: "public" }, list.place)
    : stated({ kind: "networks", cidrs }, list.place);
}

function typeOf(node: TreeNode): string {
  const type = child(node, "type");
  return type?.kind === "scalar" && type.unresolved === undefined ? String(type.value) : "";
}

function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node === undefined ? [] : node.kind === "sequence" ? node.items : [node];
}

/** `user:password`, and not what a variable or a template gives. */
function isWrittenOut(node: TreeNode): boolean {
  return (
    node.kind === "scalar" &&
    node.unresolved === undefined &&
    /^[^:\s]{1,100}:[^\s$]/.test(String(node.value)) &&
    !/[$<]|\{\{/.test(String(node.value))
  );
}
