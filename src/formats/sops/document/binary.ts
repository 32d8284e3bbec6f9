import { RingwallError } from "../../../lib/error.ts";
import type { Source } from "../../../lib/place.ts";
import type { SopsFormat, SopsText } from "./format.ts";
import { jsonFormat } from "./json.ts";

const noPath = () => {
  throw new RingwallError("usage", "A binary file is encrypted whole; it has no paths.");
};

/** A file of any kind as one value: JSON with the entry `data` (`stores/json/store.go`, `BinaryStore`). */
export const binaryFormat: SopsFormat = {
  read(source: Source, text: string): SopsText {
    return jsonFormat.read(source, text, undefined);
  },
  set: noPath,
  unset: noPath,
};

/** The text that is encrypted for a file, its bytes left out: they are put in place of the one value. */
export const binaryShell = '{\n\t"data": " "\n}\n';
