/** Keys that only a Ringwall stack has. */
const stackKeys = [
  "zones",
  "routes",
  "operators",
  "domain",
  "platform",
  "addresses",
  "policies",
  "monitoring",
  "backups",
  "exceptions",
  "images",
];
const stackServiceKeys = [
  "use",
  "zone",
  "zones",
  "talksTo",
  "outbound",
  "scrape",
  "writable",
  "hostMounts",
  "settings",
];
/** Keys that only Compose and Swarm have. */
const composeKeys = ["networks", "volumes", "configs", "include"];
const composeServiceKeys = [
  "build",
  "networks",
  "depends_on",
  "deploy",
  "env_file",
  "container_name",
  "labels",
  "healthcheck",
  "network_mode",
  "cap_add",
  "cap_drop",
  "privileged",
  "expose",
  "logging",
];

/**
 * Whether the plain data of a file called `stack.yaml` or `stack.yml` is a Ringwall stack, and not a Swarm stack, which
 * people call so too. What has words of neither is taken for Ringwall's: the name is ours, and an unknown word is told.
 */
export function isStackDeclaration(plain: unknown): boolean {
  if (!isRecord(plain)) return false;
  if (plain.version === 1) return true;
  // Compose's version is a text such as "3.8".
  if (plain.version !== undefined) return typeof plain.version === "number" && Number.isInteger(plain.version);
  const services = isRecord(plain.services) ? Object.values(plain.services).filter(isRecord) : [];
  const has = (keys: readonly string[], inServices: readonly string[]): number =>
    keys.filter((key) => Object.hasOwn(plain, key)).length +
    services.reduce((sum, service) => sum + inServices.filter((key) => Object.hasOwn(service, key)).length, 0);
  const [ours, theirs] = [has(stackKeys, stackServiceKeys), has(composeKeys, composeServiceKeys)];
  return ours > 0 || theirs === 0 ? ours >= theirs : false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
