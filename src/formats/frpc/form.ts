import { posix } from "node:path";

/** The forms that a file of frp has. */
export type Form = "ini" | "json" | "toml" | "yaml";

/** The section that the form before 0.52 begins with. */
const legacy = /^[^\S\r\n]*\[common\]/m;
/** The first line that is no comment: a table, or a setting with its sign. */
const table = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*(?:\[[^\n]*\]|["']?[\w-][\w."' -]*=)/;

/**
 * The form that frp takes a text for. It goes by the text: what has the section `common` is of the form before 0.52, and
 * everything else is tried as TOML first, then as JSON where it begins with a brace, then as YAML, whatever its name is. The
 * name only says of a mistake which form was meant.
 *
 * Source: fatedier/frp, `pkg/config/load.go` (`DetectLegacyINIFormat`, `LoadConfigure`, `detectFormatFromPath`).
 */
export function formOf(path: string, text: string): Form {
  if (legacy.test(text)) return "ini";
  if (/^\s*\{/.test(text) && !/^\s*\{\{/.test(text)) return "json";
  return posix.extname(path).toLowerCase() === ".toml" || table.test(text) ? "toml" : "yaml";
}
