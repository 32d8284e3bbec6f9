import { firstStartOf, isCloudConfig } from "../../../formats/cloud-init/document.ts";
import { type FirstPassword, passwordsIn } from "../../../formats/cloud-init/passwords.ts";
import { encodedSecrets, writtenFiles } from "../../../formats/cloud-init/written-files.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";

/** The passwords that a first start sets from its own text, each as a clause without the value. */
export function firstPasswordsIn(text: string): readonly string[] {
  if (!isCloudConfig.test(text) || !/chpasswd|passw/.test(text)) return [];
  const [root] = parseYaml(new Source("user-data", text), text).documents;
  return passwordsIn(firstStartOf(root)).map(clauseOf);
}

/** The secrets of files that it writes, where they stand in the text only encoded, each as a clause. */
export function encodedSecretsIn(text: string): readonly string[] {
  if (!isCloudConfig.test(text) || !/\bencoding\b/.test(text)) return [];
  const [root] = parseYaml(new Source("user-data", text), text).documents;
  return writtenFiles(firstStartOf(root)).flatMap((file) => encodedSecrets(file).map(({ what }) => what));
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
