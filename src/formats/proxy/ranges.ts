/** Whether a range of addresses is so wide that it is no limit. */
export function isEverybody(range: string): boolean {
  return /^(?:0\.0\.0\.0|::|0:0:0:0:0:0:0:0)\/0$|^(?:\*|all)$/i.test(range.trim());
}

/** Addresses that no public network has. Source: Caddy's `private_ranges`, RFC 1918, 4193. */
export const privateRanges: readonly string[] = [
  "192.168.0.0/16",
  "172.16.0.0/12",
  "10.0.0.0/8",
  "127.0.0.1/8",
  "fd00::/8",
  "::1",
];
