/**
 * What the providers of Incus and of LXD call the same things. Sources: lxc/terraform-provider-incus and
 * terraform-lxd/terraform-provider-lxd, `docs/resources/*.md`, current and earlier names.
 */
export type IncusKind =
  | "instance"
  | "profile"
  | "network"
  | "acl"
  | "address-set"
  | "forward"
  | "load-balancer"
  | "network-peer"
  | "zone"
  | "pool"
  | "volume"
  | "bucket"
  | "image"
  | "project"
  | "server"
  | "certificate"
  | "instance-file"
  | "instance-device";

const kinds: Readonly<Record<string, IncusKind>> = {
  instance: "instance",
  container: "instance",
  profile: "profile",
  network: "network",
  network_acl: "acl",
  network_address_set: "address-set",
  network_forward: "forward",
  network_load_balancer: "load-balancer",
  network_lb: "load-balancer",
  network_peer: "network-peer",
  network_zone: "zone",
  storage_pool: "pool",
  storage_volume: "volume",
  volume: "volume",
  storage_bucket: "bucket",
  image: "image",
  cached_image: "image",
  publish_image: "image",
  project: "project",
  server: "server",
  config: "server",
  certificate: "certificate",
  trust_certificate: "certificate",
  instance_file: "instance-file",
  container_file: "instance-file",
  instance_device: "instance-device",
};

/** What a resource's type names; undefined for one of another provider. */
export function kindOf(type: string): { readonly flavour: "incus" | "lxd"; readonly kind: IncusKind } | undefined {
  const [, flavour, name = ""] = /^(incus|lxd)_(\w+)$/.exec(type) ?? [];
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return kind === undefined ? undefined : { flavour: flavour === "lxd" ? "lxd" : "incus", kind };
}
