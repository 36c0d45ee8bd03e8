let offset = 0;

/**
 * Brings `epochMs` in step with the clock of the machine, which is corrected all the time. Takes up to a
 * millisecond: the moment at which the whole milliseconds tick over is waited for.
 */
export function setClock(): void {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  offset = now - performance.now();
}
setClock();

/** Milliseconds since the epoch with fractions, on the clock that other processes read whole milliseconds from. */
export function epochMs(): number {
  return offset + performance.now();
}

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
