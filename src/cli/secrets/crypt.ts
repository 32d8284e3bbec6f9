import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { armor, Decrypter, Encrypter } from "age-encryption";
import { encryptedFormat } from "../../formats/sops/read-encrypted.ts";
import { writeFileAtomic } from "../../lib/atomic-write.ts";
import { RingwallError } from "../../lib/error.ts";
import { readIdentities } from "../../secrets/age-identity.ts";
import { refuseInsideGit } from "../../stores/age/identity-place.ts";
import { identityFiles, openAgeStore } from "../../stores/open-store.ts";
import type { Context, ExitCode } from "../command.ts";
import { storeAround } from "../stack-store.ts";
import { sopsEditor } from "./encrypted-file.ts";
import { type Common, openSecrets } from "./opened.ts";

const largest = 64 * 1024 * 1024;

export interface EncryptOptions extends Common {
  /** As an age file beside it, for the recipients of the stack's age store. */
  readonly age?: boolean;
}

/** Encrypts a file in place by the nearest `.sops.yaml`, or as `FILE.age` for the stack's recipients. */
export async function encryptFile(path: string, options: EncryptOptions, context: Context): Promise<ExitCode> {
  const full = resolve(context.cwd, path);
  const bytes = await bytesOf(full, path);
  if (isAge(bytes)) throw alreadyEncrypted(path);
  if (options.age === true) return await encryptWithAge(path, full, bytes, options, context);
  if (encryptedFormat(Buffer.from(bytes).toString("utf8")) !== undefined) throw alreadyEncrypted(path);
  await sopsEditor(context).encrypt(full);
  context.stdout.write(`Encrypted: ${path}\n`);
  return 0;
}

async function encryptWithAge(
  path: string,
  full: string,
  bytes: Uint8Array,
  options: Common,
  context: Context,
): Promise<ExitCode> {
  const { folder, stack } = await openSecrets(options, context);
  const store = openAgeStore(stack.store?.age ?? {}, storeAround(folder, context));
  const recipients = await store.recipients();
  if (recipients.length === 0) {
    throw new RingwallError("secret-missing", "The stack has no identity yet that the file could be encrypted for.", {
      hint: "`ringwall secrets generate` makes one with the first value.",
    });
  }
  const encrypter = new Encrypter();
  for (const { key } of recipients) encrypter.addRecipient(key);
  await writeFileAtomic(`${full}.age`, await encrypter.encrypt(bytes), { mode: 0o600 });
  context.stdout.write(`Encrypted: ${path}.age\n`);
  context.stderr.write(`${path} is still there in clear text: remove it when you have what you need.\n`);
  return 0;
}

export interface DecryptOptions {
  readonly identity?: string;
  readonly output?: string;
  readonly inPlace?: boolean;
  readonly reveal?: boolean;
}

/** Decrypts a SOPS or age file into a pipe, into another file at 0600, or in place. */
export async function decryptFile(path: string, options: DecryptOptions, context: Context): Promise<ExitCode> {
  const full = resolve(context.cwd, path);
  const bytes = await bytesOf(full, path);
  if (options.output === undefined && options.inPlace !== true && context.stdout.isTTY && options.reveal !== true) {
    throw new RingwallError("usage", `What ${path} holds is not shown on a screen unasked.`, {
      hint: "`--reveal` shows it, `--output` writes it into a file; into a pipe it goes as it is.",
    });
  }
  const plain = isAge(bytes) ? await openAge(bytes, path, options, context) : await openSops(full, options, context);
  if (options.inPlace === true) {
    if (isAge(bytes)) {
      throw new RingwallError("usage", "An age file is not decrypted in place: its name would be wrong.", {
        hint: "Name where it goes with `--output`.",
      });
    }
    const { mode } = await stat(full);
    await writeFileAtomic(full, plain, { mode: mode & 0o700 });
    context.stderr.write(`${path} stands in clear text now.\n`);
  } else if (options.output !== undefined) {
    await writeFileAtomic(resolve(context.cwd, options.output), plain, { mode: 0o600 });
  } else {
    context.stdout.write(textOf(plain, path));
  }
  return 0;
}

async function openSops(full: string, options: DecryptOptions, context: Context): Promise<Uint8Array> {
  return (await sopsEditor(context, options.identity).decrypt(full)).exposeBytes();
}

async function openAge(
  bytes: Uint8Array,
  path: string,
  options: DecryptOptions,
  context: Context,
): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  let count = 0;
  for (const file of identityFiles(options.identity, storeAround(context.cwd, context))) {
    for (const identity of (await readIdentities(file, refuseInsideGit)) ?? []) {
      decrypter.addIdentity(identity);
      count += 1;
    }
  }
  if (count === 0) {
    throw new RingwallError("secret-missing", `There is no identity that ${path} could be opened with.`, {
      hint: "Name one with `--identity`.",
    });
  }
  try {
    const text = Buffer.from(bytes).toString("latin1");
    return await decrypter.decrypt(text.startsWith("-----") ? armor.decode(text) : bytes);
  } catch (error) {
    throw new RingwallError("unreadable", `${path} cannot be opened: it is damaged, or for other identities.`, {
      hint: "Name the right one with `--identity`, or take the file from a backup.",
      cause: error,
    });
  }
}

function isAge(bytes: Uint8Array): boolean {
  return /^(?:age-encryption\.org\/v1\n|-----BEGIN AGE ENCRYPTED FILE-----)/.test(
    Buffer.from(bytes.subarray(0, 64)).toString("latin1"),
  );
}

async function bytesOf(full: string, path: string): Promise<Uint8Array> {
  const found = await stat(full).catch(() => undefined);
  if (found === undefined) throw new RingwallError("not-found", `${path} is not there.`, { hint: "Look at the path." });
  if (!found.isFile()) throw new RingwallError("unreadable", `${path} is not a regular file.`);
  if (found.size > largest) throw new RingwallError("too-large", `${path} is larger than 64 MiB; it is not read.`);
  return await readFile(full);
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RingwallError("not-text", `${path} holds no text; it is not written to standard output.`, {
      hint: "Name a file with `--output`.",
    });
  }
}

function alreadyEncrypted(path: string): RingwallError {
  return new RingwallError("conflict", `${path} is encrypted already; it was left as it is.`, {
    hint: "`ringwall secrets edit FILE` changes it, `decrypt` opens it.",
  });
}
