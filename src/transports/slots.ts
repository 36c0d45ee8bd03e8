/** A fixed number of places, given out in the order in which they were asked for. */
export interface Slots {
  /** Resolves with the way to give the place back; `undefined` when the signal ended first. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createSlots(slotsMax: number): Slots {
  let free = slotsMax;
  const waiting: (() => void)[] = [];

  const giveBack = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };

  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(giveBack);
      }
      return new Promise((resolve) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          resolve(undefined);
        };
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(giveBack);
        };
        waiting.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
