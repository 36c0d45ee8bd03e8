import { describe, expect, it } from 'vitest';
import { median, oneAfterAnother, quantile, spread } from '../../bench/statistics.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('a quantile', () => {
  it('is a value that was measured, by nearest rank', () => {
    expect(quantile(upTo(100), 0.99)).toBe(99);
    expect(quantile(upTo(100), 0.5)).toBe(50);
    expect(quantile([10, 20], 0.99)).toBe(20);
    expect(quantile([7], 0.01)).toBe(7);
  });

  it('does not depend on the order, and leaves the samples as they are', () => {
    const samples = [3, 1, 10, 2];
    expect(median(samples)).toBe(2);
    expect(quantile(samples, 1)).toBe(10);
    expect(samples).toEqual([3, 1, 10, 2]);
  });

  it('is refused without samples', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a spread', () => {
  it('names middle, slow end and slowest', () => {
    expect(spread(upTo(200))).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  });
});

describe('spans that had to come one after another', () => {
  it('count once when they ran side by side', () => {
    expect(
      oneAfterAnother([
        { from: 0, to: 4 },
        { from: 1, to: 5 },
        { from: 5, to: 9 },
        { from: 6, to: 8 },
      ]),
    ).toBe(2);
  });

  it('count all when each began where another had ended', () => {
    expect(
      oneAfterAnother([
        { from: 2, to: 3 },
        { from: 0, to: 1 },
        { from: 1, to: 2 },
      ]),
    ).toBe(3);
  });

  it('are none where nothing ran', () => {
    expect(oneAfterAnother([])).toBe(0);
  });
});
