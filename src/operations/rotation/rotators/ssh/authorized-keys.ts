/** Lines of an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT), changed by the key that they hold. */

/** A key as the file holds it: type and base64, without options and comment. */
export interface PublicKey {
  readonly type: string;
  readonly blob: string;
}

/** The key of a line `type base64 comment`, as ssh-keygen writes it. */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [type, blob] = line.trim().split(/\s+/);
  if (type === undefined || blob === undefined || !/^[a-z0-9@.-]+$/.test(type)) return undefined;
  return /^[A-Za-z0-9+/]{20,}={0,2}$/.test(blob) ? { type, blob } : undefined;
}

/** Whether a line lets the key in: it stands in it as a word, whatever options come before. */
function holds(line: string, { blob }: PublicKey): boolean {
  return !line.trimStart().startsWith("#") && line.split(/\s+/).includes(blob);
}

export function hasKey(file: string, key: PublicKey): boolean {
  return file.split("\n").some((line) => holds(line, key));
}

/**
 * The file with the new key beside the old one, under the same options (`from=`, `command=`, `restrict`), so that it can
 * do what the old one can and no more. Unchanged where the new key is there; undefined where the old one is not.
 */
export function withKeyBeside(file: string, old: PublicKey, added: PublicKey, comment: string): string | undefined {
  if (hasKey(file, added)) return file;
  if (!hasKey(file, old)) return undefined;
  const lines = file.split("\n").flatMap((line) => {
    if (!holds(line, old)) return [line];
    const at = line.indexOf(old.blob);
    const options = line.slice(0, at).trimEnd().slice(0, -old.type.length);
    return [line, `${options}${added.type} ${added.blob} ${comment}`];
  });
  return lines.join("\n");
}

/** The file without the lines that hold a key; everything else stays as it is. */
export function withoutKey(file: string, gone: PublicKey): string {
  return file
    .split("\n")
    .filter((line) => !holds(line, gone))
    .join("\n");
}
