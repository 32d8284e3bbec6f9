import { type EditedYaml, editYaml, type YamlEdit } from "../../formats/yaml/edit/edit.ts";
import type { Refusal } from "../../formats/yaml/edit/splice.ts";

/** Makes changes to YAML texts and remembers them: while it is found out which go together, most are made many times. */
export class YamlEditor {
  readonly #made = new Map<string, Map<string, EditedYaml | Refusal>>();

  edit(text: string, edit: YamlEdit): EditedYaml | Refusal {
    const ofText = this.#made.get(text) ?? new Map<string, EditedYaml | Refusal>();
    this.#made.set(text, ofText);
    const key = JSON.stringify(edit);
    const made = ofText.get(key) ?? editYaml(text, edit);
    ofText.set(key, made);
    return made;
  }
}
