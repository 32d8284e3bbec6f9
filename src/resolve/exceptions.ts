import type { DeclaredException } from "../contracts/resolved.ts";
import type { Model, ServiceModel } from "./model.ts";
import type { Path } from "./places.ts";

/** What is declared, and what components and services of the stack need and say why. */
export function exceptionsOf(model: Model): DeclaredException[] {
  const declared = model.declaration.exceptions.map((exception, index) => ({
    control: exception.control,
    subject: exception.subject,
    reason: exception.reason,
    owner: exception.owner,
    until: exception.until,
    place: model.places.value(["exceptions", index]),
  }));
  const asked = [...model.services.values()].flatMap((service) =>
    (service.component?.exceptions ?? []).map(({ control, reason }) => ({
      control,
      subject: service.name,
      reason,
      owner: `Ringwall's component ${service.component?.name ?? ""}`,
      until: undefined,
      place: model.places.key(service.path),
    })),
  );
  return [
    ...declared,
    ...asked,
    ...[...model.services.values()].flatMap((service) => reasonedExceptions(model, service)),
  ];
}

/** What a service is given beyond the defaults, each with the reason that stands beside it in the declaration. */
function reasonedExceptions(model: Model, service: ServiceModel): DeclaredException[] {
  const exception = (control: string, reason: string, path: Path): DeclaredException => ({
    control,
    subject: service.name,
    reason,
    owner: `the declaration of ${service.name}`,
    until: undefined,
    place: model.places.value([...service.path, ...path]),
  });
  const isEdge = service.component?.roles.includes("proxy") ?? false;
  const published = service.ports.filter((port) => port.published !== undefined && !isEdge);
  return [
    ...published.map((port) =>
      exception("network.only-proxy-publishes", port.published?.reason ?? "", ["ports", port.name]),
    ),
    ...(service.declared.capabilities ?? []).map(({ reason }, index) =>
      exception("workload.capabilities-added-few", reason, ["capabilities", index]),
    ),
    ...(service.declared.hostMounts ?? []).map(({ reason }, index) =>
      exception("workload.host-paths-unmounted", reason, ["hostMounts", index]),
    ),
  ];
}
