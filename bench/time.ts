/** Milliseconds since the epoch with fractions, on the same clock that other processes read whole milliseconds from. */
export const epochMs: () => number = (() => {
  // The moment at which the whole milliseconds tick over tells how the two clocks lie to each other.
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  const offset = now - performance.now();
  return () => offset + performance.now();
})();

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Looks every few milliseconds until there is something; throws naming `what` when the time is up. */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => T | undefined | Promise<T | undefined>,
  everyMs = 2,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} did not come within ${withinMs} ms.`);
    await pause(everyMs);
  }
}
