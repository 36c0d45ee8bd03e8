import { afterEach, describe, expect, it } from 'vitest';
import { CHANNEL, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { startLb } from '../stage/worker-process.ts';

let stage: Stage;
afterEach(() => stage.stop());

/** Messages in the channel itself, without threads, that say this. */
function messages(words: string): readonly string[] {
  return stage.slack.state
    .channel(CHANNEL)
    .filter(({ thread_ts: thread, ts }) => thread === undefined || thread === ts)
    .map(({ text, blocks }) => JSON.stringify([text, blocks]))
    .filter((text) => text.includes(words));
}

/** Everything that was sent, each message as it is now. */
const all = () => stage.channelText();

async function calm(): Promise<void> {
  await expect
    .poll(async () => (await stage.records.sightings.all()).length, { timeout: 10_000 })
    .toBe(stage.nodes.length);
}

describe('a member that dies', () => {
  it('is one message for both nodes, louder when none is left, and edited when all are back', async () => {
    stage = await openStage({ approval: false });
    await calm();
    const [first, ...rest] = stage.members.members;
    await stage.members.stop(first?.name ?? '');
    await expect.poll(() => messages('down on').length, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => messages('down on ha-1, ha-2').length).toBe(1);
    expect(messages('4 of 5 members left, at least 3 needed')).toHaveLength(1);

    for (const { name } of rest) await stage.members.stop(name);
    await expect.poll(() => messages('NO member left').length, { timeout: 10_000 }).toBe(1);
    expect(messages('down on')).toHaveLength(0);

    for (const { name } of stage.members.members) await stage.members.start(name);
    await expect.poll(() => messages('is up again, 5 of 5').length, { timeout: 15_000 }).toBe(1);
    // Who reads the thread finds every step; it says them once.
    await expect.poll(() => all().split('clients are turned away').length).toBe(2);
  });
});

describe('a HAProxy', () => {
  it('that is killed is said to be unwatchable once, and to be back once', async () => {
    stage = await openStage({ approval: false });
    await calm();
    process.kill(stage.nodes[0]?.pid() ?? 0, 'SIGKILL');
    await expect.poll(() => messages('ha-1 cannot be watched').length, { timeout: 15_000 }).toBe(1);
    await stage.nodes[0]?.reload();
    await expect
      .poll(() => messages('ha-1 can be watched again').length, { timeout: 20_000 })
      .toBe(1);
    expect(messages('ha-1')).toHaveLength(1);
    expect(messages('ha-2')).toHaveLength(0);
  });

  it('that is reloaded is told once', async () => {
    stage = await openStage({ approval: false, nodes: 1 });
    await calm();
    await stage.nodes[0]?.reload();
    await expect
      .poll(() => messages('ha-1 was restarted or reloaded').length, { timeout: 10_000 })
      .toBe(1);
  });
});

describe('what the bot does itself', () => {
  it('is not told as if somebody else had done it', async () => {
    stage = await openStage({ approval: false });
    await calm();
    await stage.type(`disable ${SERVICE} 192.168.100.78`);
    await stage.change('done');
    const events = () => stage.records.watched.events(['web'], 50);
    const count = () => events().then((all) => all.length);
    await expect.poll(count, { timeout: 10_000 }).toBe(2);
    await stage.type(`enable ${SERVICE} 192.168.100.78`);
    await stage.change('done');
    await expect.poll(count, { timeout: 10_000 }).toBe(4);
    for (const event of await events()) expect(event.by).toBe('bot');
    expect(messages('Not by this bot')).toHaveLength(0);
  });
});

describe('what happens while nobody can be told', () => {
  it('is told once when Slack is back, by a process that was started since', async () => {
    stage = await openStage({ approval: false });
    await calm();
    stage.slack.human.fault({ method: 'chat.postMessage', times: 1_000, status: 503 });
    await stage.members.stop('192.168.100.74');
    const recorded = () => stage.records.watched.due().then((ids) => ids.length);
    await expect.poll(recorded, { timeout: 10_000 }).toBe(1);
    await stage.restartProduct();
    expect(messages('is down on')).toHaveLength(0);
    stage.slack.human.fault({ clear: true });
    await expect.poll(() => messages('is down on').length, { timeout: 30_000 }).toBe(1);
    await expect.poll(recorded, { timeout: 30_000 }).toBe(0);
    expect(messages('is down on')).toHaveLength(1);
  });
});

describe('lb status --watch', () => {
  it('looks again and again, and says when each balancer last answered', async () => {
    stage = await openStage({ approval: false });
    await calm();
    const run = startLb(['status', SERVICE, '--watch'], stage.environment);
    const count = () => run.output().split('ha-2 last answered').length - 1;
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(1);
    run.kill('SIGTERM');
    expect(await run.exited).toBe(0);
  });
});
