import type { ResolvedService } from "../contracts/resolved.ts";
import { didYouMean } from "../lib/suggest.ts";
import { type ImageName, parseImage } from "../stack/scalars.ts";
import type { StackLock } from "./lock.ts";
import type { Model, ServiceModel } from "./model.ts";
import type { Problems } from "./problems.ts";

export type ResolvedImage = ResolvedService["image"];

/** How a lock names an image: `docker.io/library/caddy:2.11.4`. */
export function imageKey(image: { readonly repository: string; readonly tag: string | undefined }): string {
  return image.tag === undefined ? image.repository : `${image.repository}:${image.tag}`;
}

/**
 * The image of each service: the declaration's own, else the component's, replaced by what `images:` or a file of
 * stand-ins says, and pinned by the lock. Names in `images:` that nothing uses are mistakes; in a file they are not.
 */
export function imagesOf(
  model: Model,
  standIns: Readonly<Record<string, string>>,
  lock: StackLock | undefined,
  problems: Problems,
): Map<string, ResolvedImage> {
  const overrides = { ...model.declaration.images, ...standIns };
  const used = new Set<string>();
  const images = new Map<string, ResolvedImage>();
  for (const service of model.services.values()) {
    const upstream = upstreamOf(service);
    if (upstream === undefined) continue;
    images.set(service.name, resolve(service.name, upstream, overrides, used, lock));
  }
  for (const key of Object.keys(model.declaration.images)) {
    if (used.has(key)) continue;
    const known = [...model.services.values()].flatMap((service) => [
      service.name,
      upstreamOf(service)?.repository ?? "",
    ]);
    const suggestion = didYouMean(key, known).trim();
    const hint =
      suggestion === "" ? `In use: ${[...new Set(known)].filter((name) => name !== "").join(", ")}.` : suggestion;
    problems.atKey(["images", key], `No service uses the image "${key}", and none has that name.`, hint);
  }
  return images;
}

function upstreamOf(service: ServiceModel): ImageName | undefined {
  if (service.declared.image !== undefined) return parseImage(service.declared.image);
  const record = service.component?.image;
  return record === undefined ? undefined : { repository: record.repository, tag: record.tag, digest: undefined };
}

function resolve(
  service: string,
  upstream: ImageName,
  overrides: Readonly<Record<string, string>>,
  used: Set<string>,
  lock: StackLock | undefined,
): ResolvedImage {
  const keys = [service, imageKey(upstream), upstream.repository, shortRepository(upstream.repository)];
  const key = keys.find((candidate) => Object.hasOwn(overrides, candidate));
  if (key !== undefined) used.add(key);
  const replacement = key === undefined ? undefined : localImage(overrides[key] ?? "");
  const image = replacement ?? upstream;
  return {
    repository: image.repository,
    tag: image.tag ?? (image.digest === undefined ? "latest" : undefined),
    digest: image.digest ?? lock?.images[imageKey(image)],
    standsInFor: replacement === undefined ? undefined : imageKey(upstream),
  };
}

/** A local image keeps the name that it has on the machine: no registry is filled in. */
function localImage(text: string): ImageName | undefined {
  const read = parseImage(text);
  if (read === undefined) return undefined;
  const repository = /^([^@:]+(?::\d+(?=\/)[^@:]*)?)/.exec(text)?.[1];
  return { ...read, repository: repository ?? read.repository };
}

/** As people write it: `nginx` for `docker.io/library/nginx`, `prom/prometheus` for `docker.io/prom/prometheus`. */
function shortRepository(repository: string): string {
  return repository.replace(/^docker\.io\/(library\/)?/, "");
}
