import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../src/domain/redis-url.ts';
import * as limits from '../../src/operations/limits.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { LEAST_RIGHTS } from '../stage/redis-forms.ts';
import { codeIn, tableOf, textOf } from './markdown.ts';

const page = textOf('docs/operations.md');

describe('docs/operations.md', () => {
  it('has a row for every metric of ours, with its labels, and no other', async () => {
    const rows = tableOf(page, ['Metric', 'Labels', 'What']);
    const metrics = createMetrics({
      version: '0',
      environments: [],
      balancers: [],
      now: () => 0,
      standing: async () => ({ queues: [], membersOut: [], seen: [] }),
    });
    const { text } = await metrics.scrape();
    const ours = [...text.matchAll(/^# TYPE (lb_\w+) /gm)]
      .map(([, name = '']) => name)
      .filter((name) => !/^lb_(?:process|nodejs)_/.test(name));
    expect(rows.map(([name]) => codeIn(name)).sort()).toEqual(ours.sort());
    const code = textOf('src/telemetry/metrics.ts');
    for (const [name, labels = ''] of rows) {
      const at = code.indexOf(`'${codeIn(name)}'`);
      const rest = code.slice(at, at + 400);
      for (const label of labels.split(', ').filter((each) => each !== '')) {
        expect(rest, name).toMatch(new RegExp(`'${label}'|seconds\\(`));
      }
    }
    expect(rows.filter(([, , what = '']) => what.length < 5)).toEqual([]);
  });

  it('gives a user of Redis the rights with which the journeys were run', () => {
    const lines = page.split('\n').map((line) => line.trim());
    const at = lines.findIndex((line) => line.startsWith('~{lb}:* '));
    expect(`${lines[at]} ${lines[at + 1]}`.split(' ')).toEqual(LEAST_RIGHTS);
  });

  it('names forms of REDIS_URL that are read', () => {
    const shown = tableOf(page, ['Form', 'For'])
      .flatMap(([forms = '', what = '']) => [...`${forms} ${what}`.matchAll(/`([^`]+)`/g)])
      .map(([, form = '']) => form)
      .filter((form) => /^(?:redis|unix)/.test(form));
    expect(shown.length).toBeGreaterThan(4);
    const whole = shown
      .filter((form) => !/(?:…|:\/\/)$/.test(form))
      .map((form) => form.replaceAll('…', 'x'));
    for (const form of whole) expect(() => parseRedisUrl(form), form).not.toThrow();
  });

  it('names the limits that the flow has', () => {
    const rows = tableOf(page, ['Limit', 'What people see']).map(
      ([limit = '', seen = '']) => `${limit} ${seen}`,
    );
    const expected: readonly (readonly [string, RegExp])[] = [
      ['RATE_LIMITED', new RegExp(`^${limits.commandsPerMinuteMax} commands`)],
      ['TOO_MANY_OPEN', new RegExp(`^${limits.openPerUserAndServiceMax} changes`)],
      ['LANE_FULL', new RegExp(`^${limits.laneWaitingMax} approved`)],
      ['within 60 s', new RegExp(`${limits.requestValidMs / 1_000} s`)],
      ['did not begin', new RegExp(`${limits.approvalValidMs / 60_000} minutes`)],
      ['restores', new RegExp(`^${limits.restoresPerHourMax} restores`)],
      ['answered', new RegExp(`within ${Math.ceil(limits.frontDeadlineMs / 1_000)} s`)],
    ];
    for (const [word, words] of expected) {
      expect(
        rows.find((row) => row.includes(word)),
        word,
      ).toMatch(words);
    }
    expect(rows).toHaveLength(expected.length);
  });
});
