import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import { serviceOnPort } from "../../facts/knowledge/services.ts";
import type { Role } from "../../facts/knowledge/software.ts";
import { oncePerKey } from "../../facts/once.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What a workload runs, as its images and ports tell it. */
export interface Product {
  readonly roles: ReadonlySet<Role>;
  /** Why an absent role proves nothing: an image that cannot be resolved. Undefined where it does. */
  readonly doubt: string | undefined;
  /** Last part of the repository's name, lower case: `postgres`, `nginx-proxy-manager`; empty when not known. */
  readonly image: string;
  /** The whole of it, lower case: `jc21/nginx-proxy-manager`; empty when not known. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** True when the image is one that is known; roles otherwise follow from single ports. */
  readonly known: boolean;
}

export const productOf = oncePerKey<Workload, Product>(derive);

function derive(workload: Workload, system: System): Product {
  const { roles, doubt, software } = rolesOf(workload, system);
  const known = software.length > 0;
  for (const container of system.containersOf(workload)) {
    const image = container.image === undefined ? undefined : system.get(container.image);
    const repository = repositoryOf(image)?.toLowerCase();
    if (image === undefined || repository === undefined) continue;
    const { tag } = knownValue(image.reference) ?? {};
    return { roles, doubt, image: repository.split("/").at(-1) ?? "", repository, tag, known };
  }
  return { roles, doubt, image: "", repository: "", tag: undefined, known };
}

/**
 * Whether a workload is a datastore: `unknown` with the reason when its image cannot be resolved. One whose image is
 * not known is a datastore when all that it listens on are datastores' ports: an application that brings its own
 * database inside is none.
 */
export const isDatastore = oncePerKey<Workload, DatastoreAnswer>(judgeDatastore);

type DatastoreAnswer = "yes" | "no" | { readonly doubt: string };

function judgeDatastore(workload: Workload, system: System): DatastoreAnswer {
  const { roles, known, doubt } = productOf(workload, system);
  if (roles.has("datastore")) return known || servesOnlyInside(workload, system) ? "yes" : "no";
  return doubt === undefined ? "no" : { doubt };
}

function servesOnlyInside(workload: Workload, system: System): boolean {
  return system.ownedBy(workload.ref, "listener").every((listener) => {
    const port = knownValue(listener.port);
    const service = port === undefined ? undefined : serviceOnPort(port, knownValue(listener.protocol) ?? "tcp");
    return service?.internalOnly === true;
  });
}

/** The words of a text as a set; lists of data are written as one text. */
export function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
