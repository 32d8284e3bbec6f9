/**
 * A door to the street and the key of the house in one hand: whoever finds a fault in the program owns the host.
 *
 * Reads:  the graph of reach, mount.source, container.privileged, container.user, container.kubernetes,
 *         workload.hostPid, route.authentication,
 *         route.rateLimit
 * Passes: nothing leads from outside to a workload that could take over the host, or it could not.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { type Fact, knownValue, whyUnknown } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import { oncePerSystem } from "../../facts/once.ts";
import { type Route, refKey, type Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { powersTaken } from "../knowledge/host-power-remedies.ts";
import { useOf } from "../knowledge/listeners.ts";
import { nodePartOf, partly } from "../knowledge/node-parts.ts";
import { publishingBesideType } from "../knowledge/published.ts";
import { guardBefore, routesTo } from "../knowledge/sign-in.ts";
import { hostProcessOf, type Situation, situationOf } from "../severity.ts";

export const exposureContained = defineControl({
  id: "workload.exposure-contained",
  on: "workload",
  severity: "critical",
  title: "What can be reached from outside cannot take over the host",
  claim: "No workload that is reachable from outside holds a power over the host.",
  threat:
    "One fault in the program, or one stolen password, leads from the internet to the whole host: every other service, every volume, every secret.",
  remedy:
    "Take the power from it first: a filtering proxy in place of the engine's socket, no `privileged`, no host folders. Then put a sign-in and a rate limit before it, or publish it on 127.0.0.1 only.",
  remedies: {
    incus:
      'Take the power from it first: no `"security.privileged"`, no folder of the host or its sockets in a `disk` device; what must be privileged goes into a virtual machine (`type = "virtual-machine"`). Then put a sign-in and a rate limit before it, or let the proxy device listen on `127.0.0.1`.',
    kubernetes:
      "Take the power from it first: no `privileged`, no `hostPID`, no `hostPath` of the node's own files or its engine's socket. Then give its Service `type: ClusterIP`, let a gateway lead to it with a sign-in and a rate limit, and name in a policy who may connect.",
  },
  judged:
    "Fails when a published port or a proxy's route leads to the workload, and it is privileged, sees the host's processes, is a HostProcess container of Windows, or holds the engine's socket or the host's file system; what an init container alone has does not count, for it ends before anybody comes. Critical; high where that cannot be told for certain, where it is published to stated networks only, and where every route to it demands a sign-in, of the proxy or of a service that the proxy asks, and medium where every one demands a second factor too. The findings that it is made of are told with it. Not applicable to what is a part of a cluster's node (a network plugin, a CSI driver) by the images of its containers, unless a Service or a route publishes it. Unknown when its network, its mounts or `privileged` cannot be resolved.",
  limits: "Faults in the program itself are not looked for.",
  frameworks: {
    owaspDocker: ["D03", "D05"],
    nistCsf: ["PR.AA-05", "PR.IR-01"],
    zeroTrust: ["3"],
    coverage: ["N7", "A3", "W6"],
  },
  exposureMatters: false,
  folds: [
    { control: "workload.engine-socket-unmounted", carries: true },
    { control: "workload.privileged-off", carries: true },
    { control: "workload.host-paths-unmounted", carries: true },
    { control: "workload.host-processes-hidden", carries: true },
    { control: "workload.raw-options-safe", carries: true },
    { control: "workload.pod-security-baseline", carries: true },
    { control: "network.engine-api-unpublished" },
    { control: "network.engine-api-verified" },
    { control: "workload.engine-connection-protected" },
    { control: "workload.nested-engine-absent" },
    { control: "network.host-network-off" },
    { control: "workload.host-ipc-hidden" },
    { control: "workload.host-users-separate" },
    { control: "workload.mount-propagation-private" },
    { control: "workload.nesting-off" },
    { control: "workload.interception-narrow" },
    { control: "workload.user-unprivileged" },
    { control: "identity.authentication-on" },
    { control: "identity.admin-interface-unpublished" },
    { control: "identity.route-access-stated" },
    { control: "edge.management-audience-limited" },
    { control: "edge.rate-limited" },
    { control: "edge.login-rate-limited" },
  ],

  check(workload, system) {
    const situation = situationOf(workload, system);
    const powers = situation.stepsToHost.map(({ clause }) => clause);
    if (powers.length === 0) return withoutPower(workload, system);
    const part = nodePartOf(workload, system);
    if (part !== undefined) return notApplicable(partly(part));
    if (situation.exposure === "published" || situation.exposure === "proxied") {
      return chain(workload, system, situation);
    }
    const doubt = whyExposureIsOpen(workload, system);
    if (doubt !== undefined) return cannotTell("whether it can be reached from outside", doubt, { severity: "high" });
    return pass(`nothing leads to it from outside, though ${listed(powers)}`, workload.place);
  },
});

function chain(workload: Workload, system: System, situation: Situation): Judgement {
  const routes = routesTo(workload, system);
  const guard = situation.exposure === "proxied" ? guardBefore(workload, system) : "none";
  const doors = [
    situation.exposureWhy,
    ...(takesOrders(workload, system) ? ["an engine takes orders there"] : []),
    ...(routes.some(isOpen) ? ["no sign-in stands before it"] : []),
    ...(guard === "none" ? [] : ["a sign-in stands before it"]),
    ...(routes.some(isUnlimited) ? ["no rate limit holds anybody back"] : []),
  ];
  const powers = [
    ...(runsAsRoot(workload, system) ? ["it runs as root"] : []),
    ...(runsAsAdministrator(workload, system) ? ["it runs as an administrator"] : []),
    ...situation.stepsToHost.map(({ clause }) => clause),
  ];
  const severity =
    guard === "two-factor"
      ? "medium"
      : guard === "none" && !situation.inDoubt && !situation.limited
        ? "critical"
        : "high";
  const can = situation.inDoubt ? "may" : "can";
  const remedy = remedyFor(workload, system, situation, guard !== "none");
  return fail(`it ${can} be reached from outside (${listed(doors)}), and ${listed(powers)}`, { severity, remedy });
}

/** What takes these powers, and then closes this door. */
function remedyFor(
  workload: Workload,
  system: System,
  { stepsToHost, exposure, isProxy }: Situation,
  isGuarded: boolean,
): string {
  const isForEngine = stepsToHost.every(({ power }) => power === "socket") && commandsEngine(workload, system);
  if (isForEngine && workload.platform === "compose") return keptFromStrangers;
  const powers = `Take the power from it first: ${powersTaken(stepsToHost, workload.platform)}.`;
  if (takesOrders(workload, system)) {
    return `Publish no port of the engine: ${unpublished(workload, system)}, and what gives it orders reaches it by name on a network of its own. ${powers.replace(" first:", " too:")}`;
  }
  // Whoever comes to the others comes through it.
  if (isProxy === true && exposure === "published") return powers.replace(" first:", ":");
  const routes = routesTo(workload, system);
  const missing = [
    ...(exposure !== "proxied" || routes.some(isOpen) ? ["a sign-in"] : []),
    ...(exposure !== "proxied" || routes.some(isUnlimited) ? ["a rate limit"] : []),
  ];
  if (exposure === "proxied") {
    if (missing.length > 0) return `${powers} Then put ${listed(missing)} before it.`;
    return isGuarded
      ? powers.replace(" first:", ":")
      : `${powers} Then let in only who needs it: by a sign-in at the proxy, or from a VPN alone.`;
  }
  return `${powers} ${closing(workload, listed(missing), system)}`;
}

/** Programs that are nothing without the whole engine, by what `software.ts` calls them: their manuals hand them its socket. */
const forTheEngine = ["portainer", "dockge", "yacht", "komodo", "arcane", "dockhand", "casaos", "coolify"];

function commandsEngine(workload: Workload, system: System): boolean {
  return system
    .containersOf(workload)
    .some((container) => rolesOf(container, system).software.some((name) => forTheEngine.includes(name)));
}

const keptFromStrangers =
  "It is made to command the engine: whoever is in has the host. Publish it on 127.0.0.1 only and come by SSH or VPN; where it must be reached from outside, let a proxy lead to it that asks for two factors and lets in only your own addresses, and record what is left: `# ringwall-ignore workload.exposure-contained: reason`.";

function unpublished(workload: Workload, system: System): string {
  const { platform } = workload;
  if (platform === "kubernetes") return `${closingOfService(workload, system)} and take \`hostPort\` away`;
  return platform === "incus" ? "remove the proxy device" : "remove it from `ports:`";
}

/** What keeps its Service to the cluster: `externalIPs` and an operator's annotation lead to it whatever its type is. */
function closingOfService(workload: Workload, system: System): string {
  const published = system.ownedBy(workload.ref, "listener").filter(({ publishedBy }) => publishedBy !== undefined);
  const besides = published.map(publishingBesideType);
  const typed = besides.length === 0 || besides.includes(undefined);
  const removed = [...new Set(besides)].filter((each) => each !== undefined);
  const parts = [
    ...(typed ? ["give its Service `type: ClusterIP`"] : []),
    ...removed.map((each) => `remove ${each} from its Service`),
  ];
  return parts.join(" and ");
}

/** Whether a published port of it takes orders for an engine. */
function takesOrders(workload: Workload, system: System): boolean {
  return system.ownedBy(workload.ref, "listener").some((listener) => {
    const reach = knownValue(listener.reach);
    return (reach === "everywhere" || reach === "one-address") && useOf(listener, system).kind === "engine";
  });
}

/** What closes a port, where the platform publishes it. */
function closing(workload: Workload, guards: string, system: System): string {
  const isHost = knownValue(workload.networkMode)?.kind === "host";
  if (workload.platform === "kubernetes") {
    return `Then ${isHost ? "take `hostNetwork` away" : closingOfService(workload, system)}, let a gateway lead to it with ${guards}, and name in a policy who may connect.`;
  }
  if (workload.platform === "incus") {
    return `Then put ${guards} before it, or let the proxy device listen on \`127.0.0.1\`.`;
  }
  return isHost
    ? `Then give it a network of its own with a proxy before it that has ${guards}; where it cannot leave the host's, let the host's firewall say who may come.`
    : `Then put ${guards} before it, or publish it on 127.0.0.1 only.`;
}

function isOpen({ authentication }: Route): boolean {
  return knownValue(authentication) === "none";
}

function isUnlimited({ rateLimit }: Route): boolean {
  return knownValue(rateLimit) === "none";
}

function runsAsRoot(workload: Workload, system: System): boolean {
  return system.containersOf(workload).some(({ user }) => {
    const known = knownValue(user);
    return user.kind !== "unstated" && known !== undefined && (known.uid === 0 || known.name === "root");
  });
}

function runsAsAdministrator(workload: Workload, system: System): boolean {
  return system.containersOf(workload).some(({ user }) => knownValue(user)?.administrator === true);
}

function withoutPower(workload: Workload, system: System): Judgement {
  const hidden = whyPowerIsHidden(workload, system);
  return hidden === undefined
    ? pass("it holds no power over the host", workload.place)
    : cannotTell("whether it holds a power over the host", hidden, { severity: "low" });
}

function whyPowerIsHidden(workload: Workload, system: System): string | undefined {
  const containers = system.containersOf(workload);
  const facts: readonly Fact<unknown>[] = [
    workload.hostPid,
    ...containers.map((container) => container.privileged),
    ...containers.map((container) => hostProcessOf(container, workload)),
    ...containers.flatMap((container) =>
      system.ownedBy(container.ref, "mount").flatMap(({ type, source }): readonly Fact<unknown>[] => [type, source]),
    ),
  ];
  return whyUnknown(facts);
}

function whyExposureIsOpen(workload: Workload, system: System): string | undefined {
  const listeners = system.ownedBy(workload.ref, "listener").map((listener) => listener.reach);
  // Whose labels ask for a route is known where the port that it leads to is not.
  const routes = unresolvedTargets(system).filter((route) => !isOfAnother(route, workload));
  const open = whyUnknown([workload.networkMode, ...listeners, ...routes.map(({ target }) => target)]);
  return workload.attachments.complete ? open : (open ?? workload.attachments.why);
}

/** The routes of which it is not known where they lead: the others leave nothing open. */
const unresolvedTargets = oncePerSystem((system) =>
  system.all("route").filter(({ target }) => target.kind === "unknown"),
);

function isOfAnother({ owner }: Route, workload: Workload): boolean {
  return owner !== undefined && refKey(owner) !== refKey(workload.ref);
}
