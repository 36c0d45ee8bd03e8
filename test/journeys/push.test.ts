import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOOT, floodedBy, LONG, openPushStory, type PushStory } from './push-story.ts';

let story: PushStory;
beforeEach(async () => {
  story = await openPushStory();
});
afterEach(() => story.stop());

const lineEvents = async () =>
  (await story.stage.records.watched.events(['web'], 2_000)).filter(
    ({ witness }) => witness === 'line',
  );

describe('what keepalived on two directors says', () => {
  it('comes by the printed script, curl and TLS to the channel, as one message for both and the looks', async () => {
    const [first, second] = [
      story.site.reader('ha-1', story.url()),
      story.site.reader('ha-2', story.url()),
    ];
    first.say('INSTANCE "VI_1" MASTER 100');
    second.say('INSTANCE "VI_1" BACKUP 90');
    const heard = () =>
      story.stage.records.watched.read('web').then(({ scene }) => Object.keys(scene.lines).length);
    await expect.poll(heard, LONG).toBe(2);

    const measuring = () =>
      story.stage.records.watched.read('web').then(({ scene }) => scene.probe?.since);
    await expect.poll(measuring, LONG).toBeDefined();

    const begun = performance.now();
    await story.vipGoes();
    story.site.show('ha-1', 'gone');
    first.say('INSTANCE "VI_1" STOP 100');
    const silent = () =>
      story.stage.records.watched.read('web').then(({ scene }) => scene.probe?.silences.length);
    await expect.poll(silent, LONG).toBe(1);
    await story.vipComes();
    const awayMs = performance.now() - begun;
    story.site.show('ha-2', 2);
    second.say('INSTANCE "VI_1" MASTER 90');
    await expect.poll(() => story.messages('Fail-over on web').length, LONG).toBe(1);
    await expect
      .poll(() => story.messages('keepalived on ha-1 does not run any more').length, LONG)
      .toBe(1);
    await expect.poll(async () => (await lineEvents()).length, LONG).toBe(2);
    expect(story.messages('ha-1 was MASTER, ha-2 took over')).toHaveLength(1);
    expect(story.messages('Fail-over')).toHaveLength(1);
    const met = () =>
      /Clients met:\* no answer for ([\d.]+) s/.exec(story.messages('web')[0] ?? '')?.[1];
    await expect.poll(met, LONG).toBeDefined();
    expect(Math.abs(Number(met()) * 1_000 - awayMs)).toBeLessThan(200);
    expect([first.said(), second.said()]).toEqual(['', '']);
  });
});

describe('posts that are not what they should be', () => {
  it('with a forged token, garbage or too much of it tell nothing to anybody', async () => {
    expect(
      await story.post('ha-2', [[1, 'MASTER 90']], { token: 'Zk3vQ8nT1xW6bR4yH7pL2sD8' }),
    ).toBe(401);
    expect(await story.post('ha-2', [[1, 'MASTER\n90']])).toBe(400);
    expect(await story.post('ha-2', [[1, 'x'.repeat(70_000)]])).toBe(413);
    expect(await story.post('ha-2', [[1, 'BACKUP 90']])).toBe(200);
    await expect
      .poll(async () => (await story.stage.records.watched.read('web')).scene.lines)
      .toEqual({
        'ha-2': expect.objectContaining({ sequence: 1 }),
      });
    expect(story.messages('ha-')).toEqual([]);
  });

  it('that are replayed change nothing, neither of this boot nor of one that is over', async () => {
    const old = '9a2c1a90-5b7d-4e6f-8a1b-2c3d4e5f6a7b';
    expect(await story.post('ha-1', [[7, 'MASTER 100']], { boot: old })).toBe(200);
    expect(
      await story.post('ha-1', [
        [1, 'BACKUP 100'],
        [2, 'MASTER 100'],
      ]),
    ).toBe(200);
    const before = await story.stage.records.watched.events(['web'], 100);
    for (const [number, boot] of [
      [7, old],
      [8, old],
      [1, BOOT],
    ] as const) {
      expect(await story.post('ha-1', [[number, 'FAULT 100']], { boot })).toBe(200);
    }
    expect(await story.stage.records.watched.events(['web'], 100)).toEqual(before);
    expect(story.messages('web')).toEqual([]);
  });

  it('whose numbers come out of order within one are refused as a whole, and late ones are put in their place', async () => {
    expect(
      await story.post('ha-2', [
        [2, 'MASTER 90'],
        [1, 'BACKUP 90'],
      ]),
    ).toBe(400);
    expect(await lineEvents()).toEqual([]);
    story.site.show('ha-2', 2);
    story.site.show('ha-1', 1);
    expect(await story.post('ha-2', [[2, 'MASTER 90']])).toBe(200);
    expect(await story.post('ha-2', [[1, 'BACKUP 90']])).toBe(200);
    await expect.poll(() => story.messages('Fail-over on web').length, LONG).toBe(1);
    const { scene } = await story.stage.records.watched.read('web');
    expect(scene.roles['ha-2']?.at(-1)?.role).toBe('MASTER');
  });

  it('by a clock that is an hour off are believed, and the clock is told once', async () => {
    story.site.show('ha-1', 1);
    story.site.show('ha-2', 2);
    const clock = Date.now() - 3_600_000;
    expect(await story.post('ha-2', [[1, 'MASTER 90']], { clock })).toBe(200);
    await expect.poll(() => story.messages('Fail-over on web').length, LONG).toBe(1);
    await expect
      .poll(() => story.messages('The clock of ha-2 is 60 min behind ours').length, LONG)
      .toBe(1);
    expect(await story.post('ha-2', [[2, 'MASTER_PRIORITY 90']], { clock: clock + 1_000 })).toBe(
      200,
    );
    const [newest] = await lineEvents();
    expect(Math.abs((newest?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(story.messages('The clock of ha-2')).toHaveLength(1);
  });
});

describe('a flood of events', () => {
  it(
    'is one message that says that it flaps; commands are answered meanwhile',
    () => floodedBy(400, story),
    60_000,
  );
});
