/** Asks something by name; each call is a question of its own. */
type Ask<T> = (name: string) => Promise<T>;

interface Asking<T> {
  readonly now: Promise<T>;
  /** Asked when `now` is answered, for all who came meanwhile. */
  next?: Promise<T>;
}

/**
 * Whoever asks while the same is being asked waits for the next answer, together with all others who wait: an answer
 * always began after its question, and fifty who ask at once cost two.
 */
export function askTogether<T>(ask: Ask<T>): Ask<T> {
  const open = new Map<string, Asking<T>>();
  const begin = (name: string): Promise<T> => {
    const asking: Asking<T> = { now: ask(name) };
    open.set(name, asking);
    const over = () => {
      if (open.get(name) === asking && asking.next === undefined) open.delete(name);
    };
    asking.now.then(over, over);
    return asking.now;
  };
  return (name) => {
    const asking = open.get(name);
    if (asking === undefined) return begin(name);
    asking.next ??= asking.now.then(
      () => begin(name),
      () => begin(name),
    );
    return asking.next;
  };
}
