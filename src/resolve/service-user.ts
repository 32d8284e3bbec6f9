import { createHash } from "node:crypto";
import type { ServiceModel } from "./model.ts";

const firstUid = 20_000;
const uidCount = 40_000;

/**
 * Whom a service runs as: what the declaration says, else the component's record, else an id of its own.
 *
 * Its own id follows from the names of stack and service alone, from 20000 to 59999: above the ids that distributions
 * give to people and programs, below those of `nobody` and of user namespaces. It never moves when other services come
 * and go, since the files of its volumes belong to it. Two services may share one (40,000 ids: 1 % for 30 services);
 * a shared id is less harm than one that changes.
 */
export function userOf(
  stack: string,
  service: Pick<ServiceModel, "name" | "declared" | "component">,
): { uid: number; gid: number } {
  const user = service.declared.user;
  if (typeof user === "number") return { uid: user, gid: user };
  if (user !== undefined) {
    const [uid = 0, gid = 0] = user.split(":").map(Number);
    return { uid, gid };
  }
  if (service.component !== undefined) return { uid: service.component.image.uid, gid: service.component.image.gid };
  const uid = firstUid + (createHash("sha256").update(`${stack}/${service.name}`).digest().readUInt32BE(0) % uidCount);
  return { uid, gid: uid };
}
