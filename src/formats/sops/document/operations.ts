/**
 * SOPS files read, written and edited, in pure functions over texts: randomness and clock are passed in, and nothing is
 * read or written elsewhere. The one exception is age's own randomness, which its library takes from the system.
 *
 * What these functions throw are `RingwallError`s with the place of what is wrong, and never a value.
 */
import { RingwallError } from "../../../lib/error.ts";
import { type Place, placeAt, Source } from "../../../lib/place.ts";
import type { Secret } from "../../../secrets/secret.ts";
import { type Random, ValueCipher } from "./cipher.ts";
import { decryptTree, verifyMac } from "./decrypt-tree.ts";
import { encryptTree } from "./encrypt-tree.ts";
import type { EncryptionRule } from "./encryption-rule.ts";
import type { SopsText } from "./format.ts";
import { type SopsFormatName, sopsFormats } from "./formats.ts";
import type { AgeIdentities } from "./identities.ts";
import { openDataKey, sealDataKey } from "./key-groups.ts";
import { kindsOf, readMetadata, type SopsMetadata, writeMetadata, writtenVersion } from "./metadata.ts";
import { readContent } from "./plain-content.ts";
import { PlainFile, type SopsPath, spanOf } from "./plain-file.ts";
import { plainBytes } from "./scalar.ts";
import { selectorsOf } from "./selectors.ts";
import { nodeAt, type SopsScalar } from "./tree.ts";

/** A text, its format and what it is called in messages. */
export interface SopsFile {
  readonly path: string;
  readonly format: SopsFormatName;
  readonly text: string;
}

export interface SopsContext {
  readonly random: Random;
  readonly now: () => Date;
}

export interface ReadOptions {
  /** Passes over a code that is missing or does not match. For a person who was asked, never by default. */
  readonly ignoreMac?: boolean;
}

/** An encrypted file, read as far as that is possible without its data key. */
interface Encrypted {
  readonly file: SopsFile;
  readonly parsed: SopsText;
  readonly metadata: SopsMetadata;
  readonly place: Place;
}

/** An encrypted file, opened. */
interface Opened extends Encrypted {
  readonly key: Uint8Array;
  readonly cipher: ValueCipher;
  readonly plain: PlainFile;
}

function readEncryptedFile(file: SopsFile): Encrypted {
  const source = new Source(file.path, file.text);
  if (file.text.trim() === "") {
    throw new RingwallError("unreadable", "This file is empty, and an encrypted one is expected.", {
      hint: "It may have been cut off when it was written: take it from a backup or from Git.",
      place: placeAt(source, 0),
    });
  }
  const parsed = sopsFormats[file.format].read(source, file.text, undefined);
  const found = parsed.metadata;
  if (found === undefined) throw notEncrypted(source);
  const place = placeAt(parsed.source, found.offset);
  return { file, parsed, metadata: readMetadata(found.meta, place), place };
}

function notEncrypted(source: Source): RingwallError {
  return new RingwallError(
    "invalid",
    "This file is not encrypted with SOPS, or was cut off before what SOPS writes at its end.",
    {
      hint: "Encrypt it first; or take it from a backup or from Git, if it was encrypted.",
      place: placeAt(source, 0),
    },
  );
}

async function openFile(
  file: SopsFile,
  identities: AgeIdentities,
  random: Random,
  options: ReadOptions,
): Promise<Opened> {
  const encrypted = readEncryptedFile(file);
  const { parsed, metadata, place } = encrypted;
  const key = await openDataKey(metadata, identities, place);
  const cipher = new ValueCipher(key, random);
  const tree = decryptTree(parsed.branches, metadata, cipher, parsed.source);
  if (options.ignoreMac !== true) verifyMac(metadata, tree.mac, cipher, place);
  const values = new Map(
    tree.replacements.flatMap(({ of, by }) => (by.as === "plain" ? [[spanOf(of), by.value] as const] : [])),
  );
  const bytes =
    file.format === "binary"
      ? wholeValue(parsed, values)
      : Buffer.from(parsed.render(tree.replacements, undefined), "utf8");
  return { ...encrypted, key, cipher, plain: new PlainFile(file.path, bytes, parsed.branches, values, metadata) };
}

function wholeValue(parsed: SopsText, values: ReadonlyMap<string, SopsScalar>): Uint8Array {
  const node = nodeAt(parsed.branches[0], ["data"]);
  if (node?.kind !== "leaf") {
    throw new RingwallError("syntax", "This file has no `data`, as binary files that SOPS encrypted have.", {
      hint: "Name its real format.",
      place: placeAt(parsed.source, 0),
    });
  }
  const value = values.get(spanOf(node)) ?? node.value;
  return value === undefined ? new Uint8Array() : plainBytes(value);
}

/** Decrypts a file and verifies its code. */
export async function decryptSops(
  file: SopsFile,
  identities: AgeIdentities,
  options: ReadOptions = {},
): Promise<PlainFile> {
  return (await openFile(file, identities, noRandom, options)).plain;
}

function noRandom(): never {
  throw new Error("Reading a file needs no randomness.");
}

/** What an encrypted file says of itself, without opening it. */
export function describeSops(file: SopsFile): SopsMetadata {
  return readEncryptedFile(file).metadata;
}

/** The names of the outermost entries of an encrypted file, which SOPS does not encrypt. */
export function keysOfSops(file: SopsFile, path: SopsPath = []): readonly string[] {
  const node = nodeAt(readEncryptedFile(file).parsed.branches[0], path);
  return node?.kind === "branch" ? node.items.flatMap((item) => (item.kind === "entry" ? [item.key] : [])) : [];
}

/** The encrypted text of a single value, which is another each time the value is set; undefined where there is none. */
export function valueTextOf(file: SopsFile, path: SopsPath): string | undefined {
  const node = nodeAt(readEncryptedFile(file).parsed.branches[0], path);
  if (node?.kind !== "leaf") return undefined;
  return node.value === undefined || node.value.type !== "str" ? "" : node.value.text;
}

/** Encrypts a plain text, or any bytes in the binary format, under a new data key. */
export async function encryptSops(
  plain: { readonly path: string; readonly format: SopsFormatName; readonly content: string | Uint8Array },
  rule: EncryptionRule,
  context: SopsContext,
): Promise<string> {
  refuseOtherKinds(rule.otherKinds, "encrypts");
  const key = context.random(32);
  const metadata: SopsMetadata = {
    groups: await sealDataKey(key, rule.groups, rule.threshold, context.random),
    threshold: rule.groups.length > 1 ? rule.threshold || rule.groups.length : 0,
    lastModified: "",
    mac: "",
    // A binary file has one value, which is encrypted whatever a rule for other files says.
    selectors: plain.format === "binary" ? {} : selectorsOf(rule.selectors, undefined),
    macOnlyEncrypted: rule.macOnlyEncrypted,
    version: writtenVersion,
  };
  return encryptWith(
    plain.path,
    plain.format,
    plain.content,
    metadata,
    new ValueCipher(key, context.random),
    context.now(),
    rule.yamlIndent,
  );
}

function refuseOtherKinds(kinds: readonly string[], does: string): void {
  if (kinds.length === 0) return;
  throw new RingwallError(
    "unsupported",
    `The rule for this file names keys of ${kinds.join(" and ")}; Ringwall ${does} for age alone.`,
    {
      hint: "Run `sops` where those keys can be used, or name recipients of age only.",
    },
  );
}

/** A plain document encrypted under a key that is there, with metadata that is brought up to date. */
function encryptWith(
  path: string,
  format: SopsFormatName,
  content: string | Uint8Array,
  metadata: SopsMetadata,
  cipher: ValueCipher,
  now: Date,
  indent: number | undefined,
): string {
  const parsed = readContent(path, format, content, indent);
  const tree = encryptTree(parsed.branches, metadata, cipher, parsed.source);
  const lastModified = `${now.toISOString().slice(0, 19)}Z`;
  const mac = cipher.encrypt({ type: "str", text: tree.mac }, lastModified);
  return parsed.render(tree.replacements, writeMetadata({ ...metadata, lastModified, mac }));
}

/**
 * Gives the plain document to `edit` and encrypts what comes back, under the same data key. Values that stay keep their
 * ciphertext; a document that stays gives back the same text.
 */
export async function editSops(
  file: SopsFile,
  identities: AgeIdentities,
  edit: (plain: PlainFile) => string | Uint8Array | Promise<string | Uint8Array>,
  context: SopsContext,
  options: ReadOptions = {},
): Promise<string> {
  const opened = await openFile(file, identities, context.random, options);
  const edited = await edit(opened.plain);
  const bytes = typeof edited === "string" ? Buffer.from(edited, "utf8") : edited;
  if (Buffer.compare(bytes, opened.plain.exposeBytes()) === 0) return file.text;
  return encryptWith(file.path, file.format, edited, opened.metadata, opened.cipher, context.now(), indentOf(file));
}

/** Sets one value, a text, and leaves everything else as it stands. */
export async function setSopsValue(
  file: SopsFile,
  identities: AgeIdentities,
  path: SopsPath,
  value: Secret,
  context: SopsContext,
  options: ReadOptions = {},
): Promise<string> {
  const edit = (plain: PlainFile) => {
    if (plain.value(path)?.expose() === value.expose()) return plain.exposeBytes();
    const text = plain.exposeText();
    return sopsFormats[file.format].set(new Source(file.path, text), text, path, { type: "str", text: value.expose() });
  };
  return editSops(file, identities, edit, context, options);
}

/** Removes what stands at a path; gives back the same text where nothing does. */
export async function unsetSopsValue(
  file: SopsFile,
  identities: AgeIdentities,
  path: SopsPath,
  context: SopsContext,
  options: ReadOptions = {},
): Promise<string> {
  const edit = (plain: PlainFile) => {
    const text = plain.exposeText();
    return sopsFormats[file.format].unset(new Source(file.path, text), text, path) ?? text;
  };
  return editSops(file, identities, edit, context, options);
}

/** Encrypts the whole file under a new data key, for the same recipients. */
export async function rotateDataKey(
  file: SopsFile,
  identities: AgeIdentities,
  context: SopsContext,
  options: ReadOptions = {},
): Promise<string> {
  const opened = await openFile(file, identities, context.random, options);
  const groups = opened.metadata.groups.map(({ age }) => age.map(({ recipient }) => recipient));
  refuseLost(opened.metadata, "a new data key");
  return reencrypted(opened, groups, opened.metadata.threshold, context);
}

/** Other keys seal the old data key, and Ringwall cannot seal a new one for them. */
function refuseLost(metadata: SopsMetadata, wanted: string): void {
  const kinds = [...new Set(metadata.groups.flatMap(kindsOf))];
  if (kinds.length === 0) return;
  throw new RingwallError(
    "unsupported",
    `This file has keys of ${kinds.join(" and ")} too, and ${wanted} would have to be encrypted for them; Ringwall encrypts for age alone.`,
    {
      hint: "Run `sops rotate` or `sops updatekeys` where those keys can be used, or take them out of the rule.",
    },
  );
}

async function reencrypted(
  opened: Opened,
  groups: readonly (readonly string[])[],
  threshold: number,
  context: SopsContext,
  selectors: SopsMetadata["selectors"] = opened.metadata.selectors,
): Promise<string> {
  const key = context.random(32);
  const metadata: SopsMetadata = {
    ...opened.metadata,
    selectors,
    groups: await sealDataKey(key, groups, threshold, context.random),
    threshold,
  };
  const { file, plain } = opened;
  const content = file.format === "binary" ? plain.exposeBytes() : plain.exposeText();
  return encryptWith(
    file.path,
    file.format,
    content,
    metadata,
    new ValueCipher(key, context.random),
    context.now(),
    indentOf(file),
  );
}

export interface UpdatedKeys {
  readonly text: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Whether there is a new data key: somebody who left could keep the old one. */
  readonly rotated: boolean;
}

/**
 * Brings a file's recipients in line with a rule. Who is added gets the data key that there is. Who is taken out knows it:
 * then there is a new one, and what they knew of the values themselves is to be rotated by whoever asked.
 */
export async function updateKeys(
  file: SopsFile,
  rule: EncryptionRule,
  identities: AgeIdentities,
  context: SopsContext,
  options: ReadOptions = {},
): Promise<UpdatedKeys> {
  const encrypted = readEncryptedFile(file);
  const { metadata } = encrypted;
  const wanted = rule.groups.map((group) => [...new Set(group)]);
  const now = metadata.groups.map(({ age }) => age.map(({ recipient }) => recipient));
  const threshold = wanted.length > 1 ? rule.threshold || wanted.length : 0;
  const added = without(wanted.flat(), now.flat());
  const removed = without(now.flat(), wanted.flat());
  const had = [...new Set(metadata.groups.flatMap(kindsOf))];
  refuseOtherKinds(
    rule.otherKinds.filter((kind) => !(had as readonly string[]).includes(kind)),
    "adds keys",
  );
  const lost = had.filter((kind) => !rule.otherKinds.includes(kind));
  const regrouped = JSON.stringify(now.map(sortedCopy)) !== JSON.stringify(wanted.map(sortedCopy));
  const changed = regrouped || lost.length > 0 || (wanted.length > 1 && threshold !== metadata.threshold);
  if (!changed) return { text: file.text, added, removed, rotated: false };
  if (removed.length === 0 && lost.length === 0 && metadata.groups.length === 1 && wanted.length === 1) {
    return { text: await withRecipients(encrypted, added, identities, context), added, removed, rotated: false };
  }
  const kept = {
    ...metadata,
    groups: metadata.groups.map((group) => ({ ...group, others: keptKinds(group.others, rule) })),
  };
  refuseLost(kept, removed.length > 0 ? "a new data key, since somebody is taken out," : "the data key");
  const opened = await openFile(file, identities, context.random, options);
  return { text: await reencrypted(opened, wanted, threshold, context), added, removed, rotated: true };
}

function keptKinds(others: SopsMetadata["groups"][number]["others"], rule: EncryptionRule) {
  return Object.fromEntries(Object.entries(others).filter(([kind]) => rule.otherKinds.includes(kind)));
}

function without(names: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => !other.includes(name));
}

function sortedCopy(names: readonly string[]): readonly string[] {
  return [...names].sort();
}

/** The same data key sealed for further recipients; values and code stay as they stand. */
async function withRecipients(
  { parsed, metadata, place }: Encrypted,
  added: readonly string[],
  identities: AgeIdentities,
  context: SopsContext,
): Promise<string> {
  const [group] = metadata.groups;
  const key = await openDataKey(metadata, identities, place);
  const [sealed] = await sealDataKey(key, [added], 0, context.random);
  if (group === undefined || sealed === undefined) throw new Error("A file has a key group.");
  const groups = [{ ...group, age: [...group.age, ...sealed.age] }];
  return parsed.render([], writeMetadata({ ...metadata, groups }));
}

/** How far the metadata of a YAML file is indented, so that it stays so. */
function indentOf({ format, text }: SopsFile): number | undefined {
  const found = format === "yaml" ? /^sops:[^\n]*\n( +)\S/m.exec(text)?.[1]?.length : undefined;
  return found === undefined || found < 2 || found > 9 ? undefined : found;
}
