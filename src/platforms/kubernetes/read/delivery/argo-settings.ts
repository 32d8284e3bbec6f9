/**
 * Whom Argo CD lets in, and what whoever is in may do without being named.
 *
 * Sources: argo-cd v3.4, `util/settings/settings.go` (a switch is on for the text `true` alone), `common/common.go` and
 * `cmd/argocd-server/commands/argocd_server.go` (`--port` is 8080; its figures are on 8083), `docs/operator-manual/
 * rbac.md` (`policy.default` is the role of whoever signed in, and of anonymous visitors; the roles `admin` and `readonly`
 * are built in), `docs/operator-manual/user-management/index.md`; Dex, "Authentication through GitHub", "… GitLab",
 * "… Google", "… Microsoft", "… LinkedIn" (whoever has an account there, unless organisations, groups or domains are named).
 */
import type { OpenDoorway } from "../../../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
} from "../../../../facts/fact.ts";
import { accountsAt, accountsOfTenant } from "../../../../facts/knowledge/sign-in-providers.ts";
import type { RepositoryFile } from "../../../../facts/subjects.ts";
import { configurationFile } from "../../../../formats/configuration-file.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { itemsOf, textAt, textOf, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { ClusterContext } from "../context.ts";
import { type ArgoData, argoData } from "./argo-data.ts";
import { type DefaultRole, defaultRole } from "./argo-roles.ts";

/** One file of settings for each Argo CD of the cluster. */
export function argoSettings(context: ClusterContext): readonly RepositoryFile[] {
  return argoData(context).flatMap((data) => settingsOf(data, context) ?? []);
}

function settingsOf(data: ArgoData, context: ClusterContext): RepositoryFile | undefined {
  const { place, namespace } = data;
  if (place.kind !== "file") return undefined;
  const { source } = place;
  const role = defaultRole(data);
  const openDoors = doorsOf(data, role);
  const administers = administersOf(data, role, openDoors);
  if (openDoors === undefined && administers === undefined) return undefined;
  const file = { ok: true, path: source.path, text: "", source, mode: undefined } as const;
  const server = serverOf(namespace, context);
  const owner = server && context.workloadRef(server);
  const subject = configurationFile(
    {
      ...context,
      platform: "kubernetes",
      owner: owner && { ref: owner },
      file,
      path: `${source.path}: Argo CD of ${namespace}`,
    },
    {
      software: "argo-cd",
      ...(openDoors && { openDoors }),
      ...(server && { ports: portsOf(server) }),
      ...(administers && { administersOnSignIn: administers }),
    },
  );
  return { ...subject, place };
}

/** The workload that serves its pages, where that is among the objects. */
function serverOf(namespace: string, context: ClusterContext): KubernetesObject | undefined {
  return context
    .ofKind("apps", "Deployment")
    .find((object) => object.name.endsWith("argocd-server") && context.namespaceOf(object) === namespace);
}

/** Where its pages are; its figures are on another port, and ask nobody anyway. */
function portsOf({ node, place }: KubernetesObject): Fact<readonly number[]> {
  const containers = itemsOf(valueAt(node, "spec", "template", "spec", "containers"));
  const words = containers.flatMap((each) => [...itemsOf(valueAt(each, "command")), ...itemsOf(valueAt(each, "args"))]);
  const texts = words.map(textOf);
  if (texts.some((text) => text?.includes("$(") !== false))
    return unknown("a word of its command line is not known", place);
  const line = texts.join(" ");
  if (!/(?:^|\s)--port\b/.test(line)) return defaulted([8080], "program", place);
  const [, port] = /(?:^|\s)--port(?:=|\s+)(\d{1,5})(?!\S)/.exec(line) ?? [];
  return port === undefined ? unknown("an argument may name another port", place) : stated([Number(port)], place);
}

/** Undefined where nothing that decides it is among the files. */
function doorsOf(data: ArgoData, role: Fact<DefaultRole>): FactList<OpenDoorway> | undefined {
  const off = disabledSignIn(data);
  const anonymous = anonymousVisitors(data, role);
  const accounts = anybodysAccounts(data, role);
  const each = [...off, ...anonymous, ...accounts];
  const doors = each.flatMap((one) => ("why" in one ? [] : [one]));
  const open = each.find((one) => "why" in one);
  if (each.length === 0 && !data.has("cm")) return undefined;
  return open !== undefined && "why" in open ? incomplete(doors, open.why, open.place) : complete(doors, data.place);
}

type Door = OpenDoorway | { readonly why: string; readonly place: OpenDoorway["place"] };

function disabledSignIn(data: ArgoData): readonly Door[] {
  const what = "everybody is an administrator: the server asks for no sign-in";
  const door = { what, allows: "orders", name: "sign-in" } as const;
  const found = data.text("params", "server.disable.auth", "false");
  if (found.kind === "unknown") return data.has("params") ? [{ why: found.why, place: found.place }] : [];
  if (knownValue(found)?.toLowerCase() === "true") return [{ ...door, place: found.place }];
  const isOff = data.serverArguments.some((word) => /^--disable-auth(?:=true)?$/i.test(word));
  return isOff ? [{ ...door, place: data.place }] : [];
}

function anonymousVisitors(data: ArgoData, role: Fact<DefaultRole>): readonly Door[] {
  const found = data.text("cm", "users.anonymous.enabled", "false");
  if (found.kind === "unknown") return data.has("cm") ? [{ why: found.why, place: found.place }] : [];
  if (knownValue(found) !== "true") return [];
  return doorFor("anonymous", "anonymous visitors", found.place, data, role);
}

/** What whoever comes by a door may do is what the default role may. */
function doorFor(
  name: string,
  who: string,
  place: OpenDoorway["place"],
  data: ArgoData,
  role: Fact<DefaultRole>,
): readonly Door[] {
  if (role.kind === "unknown") return [{ why: role.why, place }];
  if (!data.has("rbac")) return [{ why: "what `policy.default` gives them is not among the files", place }];
  const may = knownValue(role);
  if (may === undefined || may.allows === "nothing") return [];
  const shell = may.isAdministrator && knownValue(data.text("cm", "exec.enabled", "false")) === "true";
  const more = shell ? ", with a shell in every pod (`exec.enabled`)," : "";
  return [{ what: `${who} ${may.plural}${more} by \`policy.default\``, allows: may.allows, name, place }];
}

interface OpenConnector {
  readonly of: string;
  /** Settings of which one that names something narrows it to some. */
  readonly narrowedBy?: readonly string[];
  /** The setting that has the address of the provider's own server. */
  readonly server?: string;
}

/** Programs that anybody may get an account of, by the connector's type, with what narrows it to one's own people. */
const openConnectors: ReadonlyMap<string, OpenConnector> = new Map([
  ["github", { of: "GitHub", narrowedBy: ["orgs", "org", "hostName"] }],
  ["gitlab", { of: "GitLab", narrowedBy: ["groups"], server: "baseURL" }],
  ["google", { of: "Google", narrowedBy: ["hostedDomains", "groups"] }],
  ["bitbucket-cloud", { of: "Bitbucket", narrowedBy: ["teams"] }],
  ["linkedin", { of: "LinkedIn" }],
]);

function anybodysAccounts(data: ArgoData, role: Fact<DefaultRole>): readonly Door[] {
  const dex = data.text("cm", "dex.config", "");
  const text = knownValue(dex) ?? "";
  const types = text === "" ? [] : connectorsIn(parseYaml(new Source("dex.config", text), text).documents[0]);
  return types.flatMap((of) => doorFor(of, `all who have an account of ${of}`, dex.place, data, role));
}

function connectorsIn(dex: TreeNode | undefined): readonly string[] {
  return itemsOf(valueAt(dex, "connectors")).flatMap((connector) => {
    const type = textAt(connector, "type") ?? "";
    const config = valueAt(connector, "config");
    // Dex asks for groups only where a tenant is named (connector/microsoft/microsoft.go, `groupsRequired`).
    if (type === "microsoft") return isOneTenants(valueAt(config, "tenant")) ? [] : ["Microsoft"];
    const known = openConnectors.get(type);
    return known === undefined || isNarrow(known, config) ? [] : [known.of];
  });
}

function isOneTenants(tenant: TreeNode | undefined): boolean {
  return isOpen(tenant) || accountsOfTenant(textOf(tenant) ?? "").kind === "own";
}

function isNarrow({ narrowedBy = [], server }: OpenConnector, config: TreeNode | undefined): boolean {
  if (narrowedBy.some((key) => namesAny(valueAt(config, key)))) return true;
  const own = server === undefined ? undefined : valueAt(config, server);
  const address = textOf(own) ?? "";
  return isOpen(own) || (address !== "" && accountsAt(address).kind === "own");
}

/** A list with something in it, or a text; what is not resolved may be either. */
function namesAny(node: TreeNode | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind === "sequence") return node.items.length > 0 || node.incomplete !== undefined;
  return node.kind === "mapping" || isOpen(node) || (textOf(node) ?? "") !== "";
}

function isOpen(node: TreeNode | undefined): boolean {
  return node?.kind === "scalar" && node.unresolved !== undefined;
}

/** Nothing where no default role is among the files, where nobody but the administrator signs in, or where a door says it. */
function administersOf(
  data: ArgoData,
  role: Fact<DefaultRole>,
  doors: FactList<OpenDoorway> | undefined,
): Fact<string | "none"> | undefined {
  if (!data.has("rbac") || doors?.items.some(({ allows }) => allows === "orders") === true) return undefined;
  if (role.kind === "unknown") {
    const isTold = doors?.complete === false && doors.why === role.why;
    return isTold ? undefined : unknown(role.why, role.place);
  }
  const may = knownValue(role);
  if (may === undefined || !may.isAdministrator) return stated("none", role.place);
  const others = data.keys("cm").some((key) => /^(?:dex\.config|oidc\.config|accounts\.[^.]+)$/.test(key));
  return data.has("cm") && !others ? undefined : stated(may.singular, role.place);
}
