/** What ran, in numbers. */
export function emptyTally() {
  return { passed: 0, failed: 0, skipped: 0 };
}

export function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/**
 * Counts vitest's JSON report. A file that could not even be loaded counts as one failure, and so does
 * a run that ended badly though no test failed (an error outside of any test), or that left no report.
 */
export function tallyOf(report, exitCode) {
  const tally = emptyTally();
  for (const file of report?.testResults ?? []) {
    const before = tally.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') tally.passed += 1;
      else if (status === 'failed') tally.failed += 1;
      else tally.skipped += 1;
    }
    if (file.status === 'failed' && tally.failed === before) tally.failed += 1;
  }
  const nothingRan = tally.passed + tally.failed === 0;
  if (tally.failed === 0 && (exitCode !== 0 || nothingRan)) tally.failed += 1;
  return tally;
}

/** The last line of `npm test`. */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
