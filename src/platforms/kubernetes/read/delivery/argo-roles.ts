/**
 * What Argo CD's default role may do.
 *
 * Source: argo-cd v3.4, `docs/operator-manual/rbac.md` (`p, subject, resource, action, object, effect`; `g, subject, role`;
 * `policy.csv` and every `policy.*.csv` count together) and `assets/builtin-policy.csv`.
 */
import { defaulted, type Fact, knownValue, stated, unknown } from "../../../../facts/fact.ts";
import type { ArgoData } from "./argo-data.ts";

export interface DefaultRole {
  readonly allows: "orders" | "reading" | "nothing";
  readonly isAdministrator: boolean;
  /** A clause each: `is an administrator`, `are administrators`. */
  readonly singular: string;
  readonly plural: string;
}

const nothing: DefaultRole = { allows: "nothing", isAdministrator: false, singular: "", plural: "" };
const reader: DefaultRole = {
  allows: "reading",
  isAdministrator: false,
  singular: "sees everything",
  plural: "see every application and its manifests",
};
const administrator: DefaultRole = {
  allows: "orders",
  isAdministrator: true,
  singular: "is an administrator",
  plural: "are administrators",
};

export function defaultRole(data: ArgoData): Fact<DefaultRole> {
  const name = data.text("rbac", "policy.default", "");
  if (name.kind === "unknown" || name.kind === "unstated") return name;
  const lines = policiesOf(data);
  const text = name.value.trim();
  const isBuiltIn = text === "" || text === "role:admin" || text === "role:readonly";
  if ("why" in lines) return isBuiltIn ? stated(roleOf(text, []), name.place) : unknown(lines.why, name.place);
  const role = roleOf(text, lines.lines);
  return name.kind === "stated" ? stated(role, name.place) : defaulted(role, "component", name.place);
}

function policiesOf(data: ArgoData): { readonly lines: readonly (readonly string[])[] } | { readonly why: string } {
  const keys = data.keys("rbac").filter((key) => /^policy\.(?:[^.]+\.)?csv$/.test(key));
  const texts = keys.map((key) => data.text("rbac", key, ""));
  const open = texts.find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return open;
  const lines = texts.flatMap((text) => (knownValue(text) ?? "").split("\n"));
  return { lines: lines.map((line) => line.split(",").map((word) => word.trim())) };
}

/** Roles that a role stands on are followed as far as there are any that were not met. */
function roleOf(name: string, lines: readonly (readonly string[])[]): DefaultRole {
  const given = Map.groupBy(
    lines.filter(([type]) => type === "g"),
    ([, subject = ""]) => subject,
  );
  const roles = new Set(name === "" ? [] : [name]);
  for (const role of roles) for (const [, , other = ""] of given.get(role) ?? []) roles.add(other);
  if (roles.has("role:admin")) return administrator;
  const rules = lines.filter(
    ([type, subject = "", , , , effect]) => type === "p" && roles.has(subject) && effect !== "deny",
  );
  if (
    rules.some(
      ([, , resource, action, object]) => resource === "*" && action === "*" && /^\*(?:\/\*)?$/.test(object ?? ""),
    )
  )
    return administrator;
  const orders = rules.filter(([, , , action]) => action !== "get");
  if (orders.length > 0) {
    const [, , resource = "", action = ""] = orders[0] ?? [];
    const may = `${action === "*" ? "do anything" : action} with ${resource === "*" ? "everything" : resource}`;
    return { allows: "orders", isAdministrator: false, singular: `may ${may}`, plural: `may ${may}` };
  }
  if (roles.has("role:readonly")) return reader;
  return rules.length > 0 ? { ...reader, plural: "see what its rules name" } : nothing;
}
