/** Texts that are YAML only once a program has made it of them. */

const jinja = /\{%-?\s|\{#/;
const go = /\{\{-?\s*(?:\.|\$|include|template|if|range|with|end|toYaml|define|printf|tpl|default|quote|lookup)/;
const anyExpression = /\{\{/;

/** What kind of template a text is that is no YAML; undefined for one that is just wrong. */
export function templateKind(text: string): "Jinja" | "Go" | undefined {
  if (jinja.test(text)) return "Jinja";
  if (go.test(text)) return "Go";
  return anyExpression.test(text) ? "Jinja" : undefined;
}

/** Whether a file's name says that it is a template of YAML: `deployment.yaml.j2`. */
export function isTemplateName(path: string): boolean {
  return /\.ya?ml\.(?:j2|jinja2?|tmpl|tpl|gotmpl)$/i.test(path) || /\.(?:j2|jinja2?|gotmpl)\.ya?ml$/i.test(path);
}
