import { textsOf } from "../../testing/told-texts.ts";
import type { IdentityHost } from "./identity-host.ts";

/** Every text that a rotation writes or tells, but for the identity's own files; to be searched for values. */
export function allTextsOf(host: IdentityHost): Promise<string> {
  return textsOf(host, host.folder, ({ name }) => !/^identity(--next|--previous)?$/.test(name));
}
