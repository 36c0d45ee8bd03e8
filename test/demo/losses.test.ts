import { expect, it } from 'vitest';
import { watchLosses } from '../../src/bin/demo/losses.ts';

/** Failed requests by front, as clients count them. */
function counter() {
  const counts: Record<string, number> = { one: 0, two: 0 };
  return {
    fail: (front: string) => {
      counts[front] = (counts[front] ?? 0) + 1;
    },
    failed: (front?: string) =>
      front === undefined
        ? Object.values(counts).reduce((sum, count) => sum + count, 0)
        : (counts[front] ?? 0),
  };
}

it('excuses what fails through a front that is broken, and while it is broken', () => {
  const traffic = counter();
  const losses = watchLosses(traffic);
  traffic.fail('one');
  expect([losses.excused(), losses.unexcused()]).toEqual([0, 1]);
  const mended = losses.excuse('one');
  traffic.fail('one');
  expect([losses.excused(), losses.unexcused()]).toEqual([1, 1]);
  traffic.fail('two');
  expect([losses.excused(), losses.unexcused()]).toEqual([1, 2]);
  mended();
  mended();
  traffic.fail('one');
  expect([losses.excused(), losses.unexcused()]).toEqual([1, 3]);
});

it('excuses all that fails while something behind every front is broken', () => {
  const traffic = counter();
  const losses = watchLosses(traffic);
  const mended = losses.excuse();
  traffic.fail('one');
  traffic.fail('two');
  mended();
  expect([losses.excused(), losses.unexcused()]).toEqual([2, 0]);
});
