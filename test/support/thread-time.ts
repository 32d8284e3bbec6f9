/**
 * Milliseconds that this thread has had of the processor, for guards against what takes endless time: other programs on
 * the machine, and tests in other threads, make none of them.
 */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
