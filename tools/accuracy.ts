/**
 * Lists, as JSON lines, the findings of severity high or above on files of others that no person has judged yet. Each is
 * to be read in its file and written into test/conformance/accuracy.json with `right` and `why`.
 *
 *     node tools/accuracy.ts [CORPUS…]
 */
import { corpora, corporaAreHere, judgements, weightyFindings } from "../test/conformance/accuracy.ts";

const asked = process.argv.slice(2);
if (!corporaAreHere) {
  console.error("The corpora are not here (../shared beside the repository): there is nothing to judge.");
  process.exitCode = 2;
} else {
  const known = new Set(judgements().map(({ corpus, fingerprint }) => `${corpus} ${fingerprint}`));
  for (const corpus of asked.length > 0 ? asked : Object.keys(corpora))
    for (const finding of weightyFindings(corpus))
      if (!known.has(`${corpus} ${finding.fingerprint}`)) console.log(JSON.stringify(finding));
}
