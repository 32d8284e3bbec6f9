/** Domains that only ever work on the machine itself or stand in examples (RFC 2606, RFC 6761). */
export function isExampleDomain(domain: string): boolean {
  return /(^|\.)(localhost|test|example|invalid|example\.(com|net|org))$/.test(domain);
}

/**
 * Domains for which no public authority gives certificates: those above, and names of home and company networks
 * (RFC 8375 `home.arpa`, RFC 6762 `local`, ICANN's `internal`), and single labels.
 */
export function isPrivateDomain(domain: string): boolean {
  return (
    isExampleDomain(domain) ||
    !domain.includes(".") ||
    /(^|\.)(home\.arpa|local|internal|lan|home|intranet)$/.test(domain)
  );
}
