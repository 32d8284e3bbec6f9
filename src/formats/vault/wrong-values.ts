/**
 * Values with which a server of Vault or OpenBao does not start.
 *
 * Source: Vault 1.20, `internalshared/configutil` (`listener.go`, `config.go`: switches by `parseutil.ParseBool`, which of a
 * text takes what Go's `strconv.ParseBool` takes, and an empty one for false) and `internalshared/listenerutil`
 * (`TLSConfig`: `tls_min_version`, where TLS is not switched off).
 */
import type { InputProblem } from "../../facts/system.ts";
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

/** Filled in by another program before the server reads it. */
const template = /\{\{|\{%|<%|\$/;

export function wrongValues({ root }: BlockFile): readonly InputProblem[] {
  const listeners = root.blocks.filter(({ type, label }) => type === "listener" && label === "tcp");
  return [root, ...listeners, ...listeners.flatMap(({ blocks }) => blocks)].flatMap((block) => [
    ...(switches.get(block.type) ?? []).flatMap((name) => notBoolean(name, block.settings.get(name))),
    ...(block.type === "listener" ? noVersion(block) : []),
  ]);
}

function notBoolean(name: string, setting: Setting | undefined): readonly InputProblem[] {
  const text = setting?.value;
  if (typeof text !== "string" || template.test(text) || isBoolean(text)) return [];
  return refused(`\`${name}\` is neither true nor false`, `\`${name} = true\` or \`${name} = false\``, setting);
}

function isBoolean(text: string): boolean {
  return /^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False|)$/.test(text);
}

function noVersion({ settings }: Block): readonly InputProblem[] {
  const off = settings.get("tls_disable")?.value;
  const setting = settings.get("tls_min_version");
  const text = setting?.value;
  const isOn = off === undefined || off === false || off === 0 || off === "" || /^(?:0|f|false)$/i.test(String(off));
  if (!isOn || typeof text !== "string" || text === "" || template.test(text) || /^tls1[0-3]$/.test(text)) return [];
  return refused("`tls_min_version` is no version of TLS", "`tls12` or `tls13`", setting);
}

function refused(what: string, expected: string, setting: Setting | undefined): readonly InputProblem[] {
  if (setting === undefined) return [];
  return [
    {
      severity: "error",
      message: `The server does not start with this file: ${what}.`,
      hint: `Write ${expected}.`,
      place: setting.place,
    },
  ];
}
