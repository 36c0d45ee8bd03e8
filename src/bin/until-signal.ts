/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (stopping) process.exit(1);
        stopping = true;
        resolve(name);
      });
    }
  });
}
