/** Words that publishers move from release to release. */
const movingWord =
  /^(?:latest|stable|edge|nightly|dev|develop|development|main|master|beta|alpha|rc|release|current|lts|mini|next|canary|unstable|testing|rolling|snapshot|preview|alpine|slim|debian|ubuntu|bookworm|bullseye|trixie|fpm|fpm-alpine|apache)$|^latest[-_]|[-_](?:latest|nightly|develop|edge)$/i;

/** Whether a tag, or none, stands for whatever was published last. */
export function isMovingTag(tag: string | undefined): boolean {
  return tag === undefined || movingWord.test(tag);
}
