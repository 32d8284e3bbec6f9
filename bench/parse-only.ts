/**
 * Reads and parses every Compose file below a folder with places, and does nothing else: what any checker has to spend.
 * Run by `bench/run.ts` as a process of its own: `node bench/parse-only.ts FOLDER`.
 */
import { parseYaml } from "../src/formats/yaml/parse.ts";
import { openRepository } from "../src/repository/repository.ts";

const repository = openRepository(process.argv[2] ?? ".");
let documents = 0;
for (const path of repository.paths) {
  if (!/\.ya?ml$/.test(path)) continue;
  const file = repository.files.read(path);
  if (file.ok) documents += parseYaml(file.source, file.text).documents.length;
  repository.files.forget();
}
if (documents === 0) throw new Error("there was nothing to parse");
