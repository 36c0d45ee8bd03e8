const PARENT_EVERY_MS = 500;
/** npm hands a Ctrl-C on to a process that the terminal has told already: that is not a second one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Resolves at Ctrl-C, at SIGTERM or SIGHUP, or when the process that started this one is gone. A second signal
 * ends the process at once; its exit listeners end what it started.
 */
export function untilOver(): Promise<void> {
  return new Promise((resolve) => {
    let since: number | undefined;
    const over = () => {
      clearInterval(timer);
      since ??= performance.now();
      if (performance.now() - since > SAME_SIGNAL_MS) process.exit(1);
      resolve();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, over);
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid !== parent) over();
    }, PARENT_EVERY_MS);
    timer.unref();
  });
}
