/**
 * Values with which a server of Vault or OpenBao does not start.
 *
 * Source: Vault 1.20, `internalshared/configutil` (`listener.go`, `config.go`: switches by `parseutil.ParseBool`, which of a
 * text takes what Go's `strconv.ParseBool` takes, and an empty one for false) and `internalshared/listenerutil`
 * (`TLSConfig`: `tls_min_version`, where TLS is not switched off).
 */
import type { InputProblem } from "../../facts/system.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { isFilledIn, isNoSwitch, refused } from "../refused.ts";
import type { Block, BlockFile, Setting } from "./blocks.ts";

/** Switches of a block, and of those inside of a listener. */
const switches: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    "": ["disable_mlock"],
    listener: ["tls_disable"],
    telemetry: ["unauthenticated_metrics_access"],
    profiling: ["unauthenticated_pprof_access"],
    inflight_requests_logging: ["unauthenticated_in_flight_requests_access"],
  }),
);

const server = "The server";

export function wrongValues({ root }: BlockFile): readonly InputProblem[] {
  const listeners = root.blocks.filter(({ type, label }) => type === "listener" && label === "tcp");
  return [root, ...listeners, ...listeners.flatMap(({ blocks }) => blocks)].flatMap((block) => [
    ...(switches.get(block.type) ?? []).flatMap((name) => notBoolean(name, block.settings.get(name))),
    ...(block.type === "listener" ? noVersion(block) : []),
  ]);
}

function notBoolean(name: string, setting: Setting | undefined): readonly InputProblem[] {
  if (typeof setting?.value !== "string" || !isNoSwitch(setting.value)) return [];
  const expected = `\`${name} = true\` or \`${name} = false\``;
  return [refused(server, `\`${name}\` is neither true nor false`, expected, setting.place)];
}

function noVersion({ settings }: Block): readonly InputProblem[] {
  const written = settings.get("tls_disable");
  const off = written?.value;
  const setting = settings.get("tls_min_version");
  const isOn = written === undefined || off === "" || booleanOfFlag(String(off)) === false;
  if (!isOn || typeof setting?.value !== "string") return [];
  const text = setting.value;
  if (text === "" || isFilledIn(text) || /^tls1[0-3]$/.test(text)) return [];
  return [refused(server, "`tls_min_version` is no version of TLS", "`tls12` or `tls13`", setting.place)];
}
