import type { ConfigFormat } from "./config-format.ts";
import { dockerfileFormat } from "./dockerfile/index.ts";

/** Every format of a configuration file, one line each; the first that recognises a file reads it. */
export const configFormats: readonly ConfigFormat[] = [dockerfileFormat];
