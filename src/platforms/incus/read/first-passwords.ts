import { isCloudConfig } from "../../../formats/cloud-init/document.ts";
import { isOfParts, startParts } from "../../../formats/cloud-init/parts.ts";
import { type FirstPassword, passwordsIn } from "../../../formats/cloud-init/passwords.ts";
import { readStart } from "../../../formats/cloud-init/read-start.ts";
import { encodedSecrets, writtenFiles } from "../../../formats/cloud-init/written-files.ts";
import { Source } from "../../../lib/place.ts";

/** The passwords that a first start sets from its own text, each as a clause without the value. */
export function firstPasswordsIn(text: string): readonly string[] {
  if (!isConfig(text) || !/chpasswd|passw/.test(text)) return [];
  return passwordsIn(startIn(text)).map(clauseOf);
}

/** The secrets of files that it writes, where they stand in the text only encoded, each as a clause. */
export function encodedSecretsIn(text: string): readonly string[] {
  if (!isConfig(text) || !/\bencoding\b/.test(text)) return [];
  return writtenFiles(startIn(text)).flatMap((file) => encodedSecrets(file).map(({ what }) => what));
}

function isConfig(text: string): boolean {
  return isCloudConfig.test(text) || isOfParts(text);
}

function startIn(text: string) {
  return readStart(startParts(new Source("user-data", text), text)).start;
}

function clauseOf({ user, key }: FirstPassword): string {
  switch (key) {
    case "chpasswd":
      return `the password of ${user}, which \`chpasswd\` sets`;
    case "password":
      return "the `password` of the image's own user";
    case "identity":
      return `the password of ${user}, which \`autoinstall\` sets`;
    default:
      return `the \`${key}\` of ${user}`;
  }
}
