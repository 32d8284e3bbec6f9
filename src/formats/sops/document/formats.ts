import { binaryFormat } from "./binary.ts";
import { dotenvFormat } from "./dotenv.ts";
import type { SopsFormat } from "./format.ts";
import { iniFormat } from "./ini.ts";
import { jsonFormat } from "./json.ts";
import { yamlFormat } from "./yaml.ts";

export type SopsFormatName = "yaml" | "json" | "dotenv" | "ini" | "binary";

export const sopsFormats: Readonly<Record<SopsFormatName, SopsFormat>> = {
  yaml: yamlFormat,
  json: jsonFormat,
  dotenv: dotenvFormat,
  ini: iniFormat,
  binary: binaryFormat,
};

/** The format that SOPS takes a file for by its name (`cmd/sops/formats/formats.go`). */
export function sopsFormatOf(path: string): SopsFormatName {
  if (/\.ya?ml$/.test(path)) return "yaml";
  if (path.endsWith(".json")) return "json";
  if (path.endsWith(".env")) return "dotenv";
  return path.endsWith(".ini") ? "ini" : "binary";
}
