import type { ClearValue, SopsKeyKind, SopsRecipient } from "../../facts/configuration/sops.ts";
import { type Place, placeAt, type Source } from "../../lib/place.ts";
import { parseJson } from "../json/parse.ts";
import { child, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { clearSecretsIn, isClearSecret } from "./clear-values.ts";
import { keyLists, recipient, recipientsIn, withoutRepeats } from "./recipients.ts";

/** What a file that SOPS encrypted says of itself. */
export interface EncryptedFile {
  readonly format: "yaml" | "json" | "dotenv" | "ini";
  readonly recipients: readonly SopsRecipient[];
  /** Whether it carries a code by which a change of its values is noticed (`mac`). */
  readonly authenticated: boolean;
  /** Values that are secrets by their names or looks, and stand in clear text. */
  readonly clear: readonly ClearValue[];
  /** Where its metadata begins. */
  readonly place: Place;
  /** Why the above may not be all, as a clause; absent where the whole file was read. */
  readonly incomplete?: string;
}

const marks = [
  ["yaml", /^sops:[ \t]*(?:#.*)?\r?$/m],
  ["json", /^[ \t]*"sops"[ \t]*:[ \t]*\{/m],
  ["dotenv", /^sops_(?:mac|version|lastmodified)[ \t]*=/m],
  ["ini", /^\[sops\][ \t]*\r?$/m],
] as const;

/** The form in which SOPS encrypted a text, told by its metadata; undefined for any other text. Cheap for most texts. */
export function encryptedFormat(text: string): EncryptedFile["format"] | undefined {
  if (!text.includes("sops") || !/ENC\[AES256_GCM,|lastmodified/.test(text)) return undefined;
  return marks.find(([, mark]) => mark.test(text))?.[0];
}

/** Reads a text that SOPS encrypted; undefined for any other. Never throws. */
export function readEncrypted(source: Source, text: string): EncryptedFile | undefined {
  const format = encryptedFormat(text);
  switch (format) {
    case undefined:
      return undefined;
    case "yaml": {
      const { documents, problems } = parseYaml(source, text);
      // A test or a manual that has such a file inside is none.
      if (problems.length > 0 && !/\.ya?ml/i.test(source.path)) return undefined;
      return fromTrees("yaml", documents, problems[0]?.message);
    }
    case "json": {
      const { root, problems } = parseJson(source, text);
      if (root === undefined && !/\.json/i.test(source.path)) return undefined;
      return fromTrees("json", root === undefined ? [] : [root], problems[0]?.message);
    }
    default:
      return fromLines(format, source, text);
  }
}

function fromTrees(
  format: "yaml" | "json",
  documents: readonly TreeNode[],
  problem: string | undefined,
): EncryptedFile | undefined {
  const metadata = documents.map((document) => child(document, "sops")).filter((node) => node?.kind === "mapping");
  const first = metadata[0];
  if (first === undefined) return undefined;
  const file: EncryptedFile = {
    format,
    recipients: withoutRepeats(metadata.flatMap(recipientsIn)),
    authenticated: metadata.every(hasMac),
    clear: clearSecretsIn(documents),
    place: first.place,
  };
  return problem === undefined ? file : { ...file, incomplete: problem.replace(/\.$/, "") };
}

function hasMac(node: TreeNode | undefined): boolean {
  const mac = child(node, "mac");
  return mac?.kind === "scalar" && typeof mac.value === "string" && mac.value !== "";
}

/** One line of dotenv or ini: `name = value`. */
const assignment = /^[ \t]*([^\s=#;[][^=\n]{0,200})=([^\n]*)$/gm;
/** How metadata is written where there is no nesting (stores/flatten.go): `age__list_0__map_recipient`. */
const flattened = /(?:^|__map_)(age|pgp|kms|gcp_kms|azure_kv|hc_vault|hckms)__list_(\d+)__map_(\w+)$/;

function fromLines(format: "dotenv" | "ini", source: Source, text: string): EncryptedFile | undefined {
  const metadataFrom = format === "ini" ? text.search(/^\[sops\]/m) : 0;
  const clear: ClearValue[] = [];
  const keys = new Map<string, { kind: SopsKeyKind; place: Place; fields: Map<string, string> }>();
  let authenticated = false;
  let place: Place | undefined;
  for (const match of text.matchAll(assignment)) {
    const name = (match[1] ?? "").trim();
    const value = (match[2] ?? "").trim();
    const here = placeAt(source, match.index);
    const own = format === "ini" ? (match.index > metadataFrom ? name : undefined) : /^sops_(.+)$/.exec(name)?.[1];
    if (own === undefined) {
      if (isClearSecret(name, value.replace(/^["']|["']$/g, ""))) clear.push({ name, place: here });
      continue;
    }
    place ??= here;
    if (own === "mac" && value !== "") authenticated = true;
    const [whole, kind, , field] = flattened.exec(own) ?? [];
    if (whole === undefined || kind === undefined || field === undefined) continue;
    const key = own.slice(0, -field.length);
    const entry = keys.get(key) ?? { kind: kind as SopsKeyKind, place: here, fields: new Map<string, string>() };
    entry.fields.set(field, value);
    keys.set(key, entry);
  }
  if (place === undefined) return undefined;
  const recipients = [...keys.values()].flatMap(
    ({ kind, place: at, fields }) =>
      recipient(
        kind,
        keyLists[kind].map((field) => fields.get(field) ?? ""),
        at,
      ) ?? [],
  );
  return { format, recipients: withoutRepeats(recipients), authenticated, clear, place };
}
