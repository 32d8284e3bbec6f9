/** What a path says of a file before it is opened: whether secrets are looked for in it, and which kinds. */

/** Files of programs and media, by their endings: no text that a person wrote. */
const noText =
  /\.(?:png|jpe?g|gif|bmp|ico|icns|webp|avif|heic|tiff?|psd|svgz|mp[34]|m4[av]|mov|avi|mkv|webm|ogg|opus|flac|wav|woff2?|ttf|otf|eot|pdf|docx?|xlsx?|pptx?|odt|ods|epub|zip|gz|tgz|bz2|xz|zst|lz4|7z|rar|tar|deb|rpm|apk|iso|img|qcow2|vmdk|exe|dll|so|dylib|a|o|obj|class|jar|war|wasm|pyc|node|bin|dat|db|sqlite3?|mdb|parquet|onnx|safetensors|gguf|pack|idx|der|p12|pfx|jks|keystore|kdbx|gpg|age)$/i;
/** Texts that programs write: names and checksums of packages, code put into one line, maps of code. */
const generated =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|Gemfile\.lock|go\.sum|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock|packages\.lock\.json|\.terraform\.lock\.hcl|Chart\.lock|stack\.lock)$|\.min\.(?:js|css|mjs)$|\.(?:js|css|mjs|ts)\.map$|\.svg$/i;

/** Whether the file is opened at all to look for secrets. */
export function isWorthScanning(path: string): boolean {
  return !noText.test(path) && !generated.test(path);
}

const exampleFolder =
  /(?:^|\/)(?:tests?|__tests__|testing|specs?|e2e|fixtures?|__fixtures__|testdata|test[-_]data|mocks?|__mocks__|snapshots?|__snapshots__|examples?|samples?|demos?|docs?|documentation|website|stories|cassettes)\//i;
const exampleName =
  /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|defaults?|tests?|spec|stories|mock|fixture)(?:$|[._-])|\.(?:md|mdx|rst|adoc|markdown|html?|ipynb|snap)$/i;

/** Whether the file shows how something is done: documentation, an example, a test. What looks like a secret there is rarely one. */
export function isExample(path: string): boolean {
  return exampleFolder.test(path) || exampleName.test(path.slice(path.lastIndexOf("/") + 1));
}

const configEnding =
  /\.(?:ya?ml|json|jsonc|json5|toml|ini|cfg|conf|config|properties|cnf|hcl|tf|tfvars|nix|env|envrc|sh|bash|zsh|service|container|pod|kube|rc|auth|secret|credentials)$/i;
const configName =
  /^(?:\.[a-z0-9_-]{1,30}rc|\.env(?:\..*)?|credentials|config|Caddyfile|Dockerfile(?:\..*)?|Makefile|passwd|secrets?)$/i;
/** Files whose values are the words of a language, the names of types or the versions of packages. */
const innocentConfig =
  /(?:^|\/)(?:i18n|locales?|lang|languages|translations?|l10n|schemas?|openapi|swagger|crds?)\/|(?:^|\/)(?:package|tsconfig[^/]*|composer|openapi|swagger|renovate|biome|deno)\.jsonc?$|\.schema\.json$|[._-](?:openapi|swagger)\.(?:ya?ml|json)$/i;

/** Whether the file is made of names and values, so that a value under a secret's name is one. */
export function isConfig(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (configEnding.test(name) || configName.test(name)) && !innocentConfig.test(path);
}
