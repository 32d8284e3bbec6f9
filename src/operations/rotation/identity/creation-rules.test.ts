import { describe, expect, it } from "vitest";
import { changeKey, joinKeys, leaveFormer, leaveNext } from "./creation-rules.ts";

const former = "age1lzd99uklcjnc0e7d860axevet2cz99ce9pq6tzuzd05l5nr28ams36nvun";
const next = "age1u7fynqjrjcuw6j23lv3vcguc5tmf69wkqx5mnhpkt54h7xrukfdslzcdvc";
const other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

const layouts: Readonly<Record<string, string>> = {
  "a text": `creation_rules:\n  - age: ${former}\n`,
  "a text with commas": `creation_rules:\n  - path_regex: a/.*\n    age: '${other},${former}' # both\n  - age: ${other}\n`,
  "a folded text": `creation_rules:\n  - age: >-\n      ${former},\n      ${other}\n    encrypted_regex: ^data$\n`,
  "a list": `# ${former} is ours\ncreation_rules:\n- age:\n  - ${other}   # she\n  - "${former}"   # we\n`,
  "a list on one line": `creation_rules: [{ age: [${former}, ${other}] }]\n`,
  "groups of keys": `creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n    - age: [${former}]\n    - age:\n      - ${other}\n`,
  "anchors and aliases": `keys:\n  - &we ${former}\n  - &she ${other}\ncreation_rules:\n  - key_groups:\n      - age: [*we, *she]\n  - path_regex: b\n    age: *we\n`,
  "carriage returns": `creation_rules:\r\n  - age: ${former}\r\n`,
};

describe("a public key in .sops.yaml", () => {
  // covers: S7 | files
  it.each(Object.keys(layouts))("is joined, replaced and taken back in %s, and nothing else changes", (name) => {
    const text = layouts[name] ?? "";
    const joined = changeKey(".sops.yaml", text, joinKeys(former, next));
    expect(joined).toContain(next);
    expect(changeKey(".sops.yaml", joined, joinKeys(former, next))).toBe(joined);
    expect(changeKey(".sops.yaml", joined, leaveFormer(former, next))).toBe(text);
    const left = changeKey(".sops.yaml", joined, leaveNext(former, next));
    const comment = `# ${former} is ours`;
    expect(left).toBe(text.replaceAll(former, next).replace(`# ${next} is ours`, comment));
    expect(changeKey(".sops.yaml", left, leaveNext(former, next))).toBe(left);
  });

  it("stays where only a comment or a longer word has it", () => {
    const text = `# ${former}\ncreation_rules:\n  - age: ${other}\n    note: x${former}x\n`;
    expect(changeKey(".sops.yaml", text, joinKeys(former, next))).toBe(text);
  });

  it("is refused in a text that is no YAML, with its line", () => {
    const text = `creation_rules:\n  - age: ${former}\n   - b: [\n`;
    expect(() => changeKey(".sops.yaml", text, joinKeys(former, next))).toThrow(/\.sops\.yaml:\d+: this is no YAML/);
  });

  it("is refused where a comma would mean something else", () => {
    const text = `creation_rules: [{ age: ${former} }]\n`;
    expect(() => changeKey(".sops.yaml", text, joinKeys(former, next))).toThrow(/cannot be changed safely/);
  });
});
