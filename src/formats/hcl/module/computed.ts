import { type HclValue, type MapEntry, type MapValue, map, unknown } from "../value/value.ts";
import type { ResourceBlock } from "./module-source.ts";

/** Attributes that a provider generates at random and that are secrets: docs of hashicorp/random 3.7 and hashicorp/tls 4. */
const generated: Readonly<Record<string, readonly string[]>> = {
  random_password: ["result", "bcrypt_hash"],
  random_string: ["result", "id"],
  random_id: ["hex", "b64_std", "b64_url", "dec", "id"],
  random_bytes: ["hex", "base64"],
  random_uuid: ["result", "id"],
  random_pet: ["id"],
  tls_private_key: ["private_key_pem", "private_key_openssh", "private_key_pem_pkcs8"],
  tls_self_signed_cert: ["cert_pem"],
  tls_locally_signed_cert: ["cert_pem"],
};

const secret = new Set(["random_password", "tls_private_key", "random_bytes"]);

/** Said of what is generated when it is applied. */
export const generatedWhy = "it is generated when it is applied";

/**
 * A resource as other expressions see it: its arguments, and attributes that are known only once it is there. What is
 * null among its arguments may be computed, too. Whatever is taken out of it bears the resource's address as a name.
 */
export function computed({ type }: ResourceBlock, address: string, attributes: MapValue): MapValue {
  const entries = new Map<string, MapEntry>();
  const later = `${address} is known only once it is there`;
  for (const [key, entry] of attributes.entries) {
    const value: HclValue = entry.value.kind === "null" ? unknown(later, entry.value.place) : entry.value;
    entries.set(key, { ...entry, value });
  }
  for (const key of (Object.hasOwn(generated, type) ? generated[type] : undefined) ?? []) {
    const value: HclValue = { ...unknown(generatedWhy, attributes.place), from: [`${address}.${key}`] };
    entries.set(key, { keyPlace: attributes.place, value: secret.has(type) ? { ...value, sensitive: true } : value });
  }
  const input = attributes.entries.get("input");
  if (type === "terraform_data" && input !== undefined) entries.set("output", input);
  return { ...map(entries, attributes.place, attributes.incomplete ?? later), from: [address] };
}
