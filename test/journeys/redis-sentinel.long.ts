import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL } from '../stage/inventory.ts';
import { type SentinelRedis, startSentinelRedis } from '../stage/redis-forms.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { type LbProcess, startLb } from '../stage/worker-process.ts';
import { ask, expectOut, playMainStory, TARGET } from './redis-story.ts';

let redis: SentinelRedis;
let stage: Stage;
beforeEach(async () => {
  redis = await startSentinelRedis(3);
  stage = await openStage({ redis });
  await expect.poll(() => redis.inStep(), { timeout: 20_000 }).toBe(true);
}, 60_000);
afterEach(async () => {
  for (const one of processes.splice(0)) {
    one.kill('SIGKILL');
    await one.exited;
  }
  await stage.stop();
}, 30_000);

const processes: LbProcess[] = [];

async function startRole(role: 'bot' | 'worker'): Promise<LbProcess> {
  const started = startLb(['serve', '--role', role], stage.environment);
  processes.push(started);
  await expect.poll(() => started.output(), { timeout: 20_000 }).toContain('"Serving"');
  return started;
}

/** Clicks until the product took it: while the Sentinels make up their minds it says that it could not. */
async function clickUntilTaken(): Promise<void> {
  await expect
    .poll(
      async () => {
        await stage.click('change.approve').catch(() => undefined);
        return stage.records.changes
          .recent(1)
          .then(([newest]) => newest?.approval !== undefined)
          .catch(() => false);
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(true);
}

describe('Redis behind three Sentinels', () => {
  it('is all that the main story needs', async () => {
    await playMainStory(stage);
  });

  it('loses its master while an approval is waited for: the change is approved and made afterwards', async () => {
    const id = await ask(stage, 'disable');
    await expect.poll(() => redis.inStep()).toBe(true);
    const began = performance.now();
    await redis.killMaster();
    await clickUntilTaken();
    const seconds = (performance.now() - began) / 1_000;
    const done = await stage.change('done', 20_000);
    expect(done.id).toBe(id);
    expect(done.round).toBeUndefined();
    await expectOut(stage, true);
    for (const proxy of stage.proxies) expect(proxy.writes).toHaveLength(1);
    const cards = stage.slack.state.channel(CHANNEL).filter((message) => !message.thread_ts);
    expect(cards.filter(({ text }) => text.includes(TARGET))).toHaveLength(1);
    const { entries, headSigned } = await stage.records.audit.readAll();
    expect(headSigned).toBe(true);
    expect(entries.filter(({ kind }) => kind === 'approved')).toHaveLength(1);
    process.stdout.write(`Approved ${seconds.toFixed(1)} s after the master was killed.\n`);
    // The watch for members that nobody holds is repeated in the new life of the store, and finds none.
    expect(stage.channelText()).not.toContain('no change on record');
  });

  it('loses its master between approval and write: the approval is asked again, then carried out once', async () => {
    await stage.product()?.stop();
    const bot = await startRole('bot');
    const first = await startRole('worker');
    const id = await ask(stage, 'disable');
    first.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    await stage.click('change.approve');
    await stage.change('approved');
    await expect.poll(() => redis.inStep()).toBe(true);
    await redis.killMaster();
    await expect
      .poll(() => stage.records.changes.get(id).then((record) => record?.state, String), {
        timeout: 30_000,
      })
      .toBe('approved');
    await startRole('worker');
    const again = await stage.change('waiting', 20_000);
    expect(again).toMatchObject({ id, round: 1 });
    await expectOut(stage, false);
    await expect
      .poll(() => stage.channelText(), { timeout: 20_000 })
      .toContain('must be approved again');
    await expect.poll(() => stage.channelText(), { timeout: 20_000 }).toContain('change.approve');
    await stage.click('change.approve');
    expect((await stage.change('done', 20_000)).id).toBe(id);
    await expectOut(stage, true);
    for (const proxy of stage.proxies) expect(proxy.writes).toHaveLength(1);
    expect(bot.child.exitCode).toBeNull();
  });
});
