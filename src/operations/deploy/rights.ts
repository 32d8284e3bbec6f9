import type { PlanInputs } from "./plan-inputs.ts";

/** What this user may not do on the engine's host though the stack needs it, as sentences; none for root on a plain engine. */
export function rootObstacles(
  inputs: Pick<PlanInputs, "engine" | "uid" | "deliveries" | "resources" | "volumeOwners" | "state" | "firewall">,
): readonly string[] {
  const { engine, deliveries, resources } = inputs;
  const mountsFiles = resources.services.some((service) => service.mounts.some((mount) => mount.kind !== "volume"));
  if (engine.remote) {
    const needs = [
      ...(deliveries.length > 0 ? ["secrets"] : []),
      ...(mountsFiles ? ["files that services mount"] : []),
      ...(resources.volumes.length > 0 ? ["owners of volumes"] : []),
    ];
    return needs.length === 0
      ? []
      : [`The engine is remote, and ${needs.join(", ")} cannot be put on its host from here. Run Ringwall there.`];
  }
  if (engine.userNamespaces && engine.remappedRoot === undefined && deliveries.length > 0) {
    return [
      "The engine remaps users to ids that cannot be told from here, so secrets cannot be given to their services.",
    ];
  }
  const firewall = (inputs.firewall?.wanted.length ?? 0) > 0 && (inputs.uid !== 0 || engine.rootless);
  return [
    ...foreignOwners(inputs),
    ...(firewall
      ? ["The stack asks for rules in the host's firewall (`policies.hostAccess: firewall`), which only root can set."]
      : []),
  ];
}

/** Files and volumes for other users than the one who runs this; root may make them, unless the engine has ids of its own. */
function foreignOwners({
  engine,
  uid,
  deliveries,
  resources,
  volumeOwners,
  state,
}: Pick<PlanInputs, "engine" | "uid" | "deliveries" | "resources" | "volumeOwners" | "state">): string[] {
  if (uid === 0 && !engine.rootless) return [];
  // The folder of deliveries is root's own, so that what lies in it cannot be exchanged.
  const secrets = deliveries.filter((delivery) => delivery.state !== "same");
  const services = [...new Set(secrets.map(({ delivery }) => delivery.service))].filter((name) =>
    engine.rootless ? resources.services.some((service) => service.name === name && service.uid !== 0) : true,
  );
  const volumes = resources.volumes.filter(
    (volume) => !state.volumes.some((found) => found.Name === volume.name) && !volumeOwners.has(volume.name),
  );
  const why = engine.rootless
    ? "The engine is rootless, and files for the subordinate uid of a service cannot be made by this version of Ringwall"
    : `Only root can make files for other users, and this is uid ${uid}`;
  const remedy = engine.rootless ? "Use an engine that root runs." : "Run the command with sudo.";
  return [
    ...(services.length > 0 ? [`${why}: the secrets of ${services.join(", ")} cannot be delivered. ${remedy}`] : []),
    ...(volumes.length > 0
      ? [`${why}: the new volumes ${volumes.map(({ key }) => key).join(", ")} cannot be given their owner. ${remedy}`]
      : []),
  ];
}
