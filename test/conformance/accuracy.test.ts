import { describe, expect, it } from "vitest";
import { corpora, corporaAreHere, judgements, weightyFindings } from "./accuracy.ts";

const judged = judgements();

// covers: P6 | compose, kubernetes | files: 80 Compose examples, a living Talos cluster, the Pod Security fixtures
describe.skipIf(!corporaAreHere)("findings of severity high or above on files of others (needs ../shared)", () => {
  it.each(Object.keys(corpora))(
    "of %s are all judged by a person, and none that was judged wrong is back",
    (corpus) => {
      const mine = new Map(judged.filter((each) => each.corpus === corpus).map((each) => [each.fingerprint, each]));
      const found = weightyFindings(corpus);
      const unjudged = found.filter(({ fingerprint }) => !mine.has(fingerprint));
      const told = (each: (typeof found)[number]) =>
        `${each.fingerprint} ${each.control} ${each.place}: ${each.message}`;
      expect(unjudged.map(told), "not judged yet: `node tools/accuracy.ts` lists them").toEqual([]);
      const back = found.filter(({ fingerprint }) => mine.get(fingerprint)?.right === false);
      expect(back.map(told), "was judged wrong and is back").toEqual([]);
    },
  );
});

it("no finding is judged twice, and each judgement is of a corpus that is there", () => {
  const keys = judged.map(({ corpus, fingerprint }) => `${corpus} ${fingerprint}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  expect(judged.filter(({ corpus }) => !(corpus in corpora))).toEqual([]);
});
