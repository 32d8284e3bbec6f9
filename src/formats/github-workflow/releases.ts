/**
 * What a workflow builds, publishes, caches and scans.
 */
import type { CacheUse } from "../../facts/workflow.ts";
import type { Place } from "../../lib/place.ts";
import { child } from "../tree.ts";
import { type Step, text } from "./model.ts";

const publishingActions =
  /^(?:pypa\/gh-action-pypi-publish|softprops\/action-gh-release|ncipollo\/release-action|actions\/create-release|goreleaser\/goreleaser-action|js-devtools\/npm-publish|rubygems\/release-gem|actions\/attest-build-provenance|helm\/chart-releaser-action|cloudflare\/wrangler-action)@/;
const publishingCommand =
  /(?:^|[\s;&|])(?:(?:npm|pnpm|yarn|cargo|poetry|uv|flit|hatch)\s+publish|twine\s+upload|gem\s+push|docker\s+(?:image\s+)?push|docker\s+buildx\s+build[^\n]{0,500}--push|gh\s+release\s+(?:create|upload)|helm\s+push|goreleaser\s+release|semantic-release)\b/;

/** Where something is given to others: a package, an image, a release. */
export function publication({ uses, run, with: inputs, place }: Step): Place | undefined {
  const action = text(uses)?.toLowerCase() ?? "";
  if (publishingActions.test(action)) return place;
  if (isImageBuild(action)) return text(child(inputs, "push")) === "true" ? place : undefined;
  return publishingCommand.test(text(run)?.slice(0, 20_000) ?? "") ? place : undefined;
}

function isImageBuild(action: string): boolean {
  return /^(?:docker\/(?:build-push-action|bake-action)|redhat-actions\/buildah-build|elgohr\/publish-docker-github-action)@/.test(
    action,
  );
}

/** Where an image is built that leaves the runner, or may. */
export function imageBuild({ uses, run, with: inputs, place }: Step): Place | undefined {
  const action = text(uses)?.toLowerCase() ?? "";
  if (isImageBuild(action)) {
    const push = text(child(inputs, "push"));
    return push === undefined || push === "false" ? undefined : place;
  }
  const script = text(run)?.slice(0, 20_000) ?? "";
  return /(?:^|[\s;&|])(?:docker|podman|buildah)\s+(?:image\s+)?push\b|(?:^|[\s;&|])docker\s+buildx\s+(?:build|bake)\b[^\n]{0,500}--push/.test(
    script,
  )
    ? place
    : undefined;
}

const scanners: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^aquasecurity\/(?:trivy-action|setup-trivy)@|(?:^|[\s;&|/])trivy\s|aquasec(?:urity)?\/trivy/, "Trivy"],
  [/^anchore\/scan-action@|(?:^|[\s;&|/])grype\s|anchore\/grype/, "Grype"],
  [/^docker\/scout-action@|docker\s+scout\s+(?:cves|quickview)/, "Docker Scout"],
  [/^snyk\/actions|(?:^|[\s;&|])snyk\s+(?:container|test)/, "Snyk"],
  [/^google\/osv-scanner|(?:^|[\s;&|/])osv-scanner\s/, "OSV-Scanner"],
  [
    /^(?:azure\/container-scan|sysdiglabs\/scan-action|crazy-max\/ghaction-container-scan|lacework\/lw-scanner-action|jfrog\/frogbot)@/,
    "a scanner",
  ],
];

export function scanIn({ uses, run, place }: Step): { readonly scanner: string; readonly place: Place } | undefined {
  const subject = text(uses)?.toLowerCase() ?? text(run)?.slice(0, 20_000) ?? "";
  const found = scanners.find(([pattern]) => pattern.test(subject));
  return found === undefined ? undefined : { scanner: found[1], place };
}

const caching =
  /^(?:actions\/cache|actions\/cache\/restore|swatinem\/rust-cache|mozilla-actions\/sccache-action|hendrikmuhs\/ccache-action|nix-community\/cache-nix-action|determinatesystems\/magic-nix-cache-action)@/;

/** A cache that the step takes things out of. */
export function cacheUse({ uses, with: inputs, place }: Step): CacheUse | undefined {
  const action = text(uses)?.toLowerCase() ?? "";
  const name = action.replace(/@.*$/, "");
  if (caching.test(action)) return { what: name, place };
  if (
    /^(?:actions\/setup-(?:node|python|java|go|ruby|dotnet)|ruby\/setup-ruby|astral-sh\/setup-uv|pnpm\/action-setup)@/.test(
      action,
    )
  ) {
    const key = ["cache", "bundler-cache", "enable-cache"].find((input) => {
      const value = text(child(inputs, input));
      return value !== undefined && value !== "false" && value !== "";
    });
    return key === undefined ? undefined : { what: `${name} with \`${key}\``, place };
  }
  const from = text(child(inputs, "cache-from")) ?? "";
  return action.startsWith("docker/") && from.includes("type=gha")
    ? { what: `${name} with \`cache-from\``, place }
    : undefined;
}
