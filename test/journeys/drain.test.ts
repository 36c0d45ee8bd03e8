import { afterEach, describe, expect, it } from 'vitest';
import { SERVICE } from '../stage/inventory.ts';
import { ask, isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage, type StageOptions } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
const DRAINED = 8;
let stage: Stage;
afterEach(() => stage.stop());

async function open(options: StageOptions = {}) {
  stage = await openStage({ approval: false, quietFor: '1s', drainFor: '3s', ...options });
}

const sockets = () => stage.nodes.map((node) => node.socket);
const newest = async () => (await stage.records.changes.recent(1))[0];

/** A client that sticks to the target by its cookie, as S5's web farm makes it. */
async function stickyClient(): Promise<() => Promise<string>> {
  const [node] = stage.nodes;
  if (node === undefined) throw new Error('no node');
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const login = await fetch(`${node.frontUrl}/login`);
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    if (cookie.includes('=78~')) {
      return async () => {
        const reply = await fetch(node.frontUrl, { headers: { cookie } });
        return reply.text();
      };
    }
  }
  throw new Error('No client was sent to the target.');
}

describe('drain', () => {
  it('sets the members to drain, waits until they are idle, and disables them when asked to', async () => {
    await open();
    await stage.type(`drain ${SERVICE} ${TARGET} until idle within 30s then disable`);
    const draining = await stage.change('draining');
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).admin).toBe(DRAINED);
    expect(draining.outcome?.steps[0]?.result).toBe('verified');
    await stage.change('done', 10_000);
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
    expect((await newest())?.outcome?.remarks.join()).toContain('Idle after');
    await expect.poll(() => stage.channelText()).toContain(TARGET);
    expect(stage.slack.state.channel('C0OPS').filter((card) => !card.thread_ts)).toHaveLength(1);
  });

  it('counts cookie clients that still arrive, and is not idle while they do', async () => {
    await open({ cookie: 'JSESSIONID', quietFor: '2s' });
    const visit = await stickyClient();
    await stage.type(`drain ${SERVICE} ${TARGET} until idle within 10s`);
    await stage.change('draining');
    const visits = setInterval(() => void visit().catch(() => undefined), 300);
    try {
      await expect
        .poll(async () => (await newest())?.idleWait?.arrived ?? 0, { timeout: 8_000 })
        .toBeGreaterThan(2);
      const done = await stage.change('done', 16_000);
      expect(done.outcome?.remarks.join()).toContain('Not idle within');
      expect(done.outcome?.remarks.join()).toContain('stays drained');
    } finally {
      clearInterval(visits);
    }
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).admin).toBe(DRAINED);
  });

  it('goes back by itself when asked to, with the weight it had', async () => {
    await open();
    for (const socket of sockets()) await ask(socket, `set server ${SERVICE}/${TARGET} weight 7`);
    await stage.type(`drain ${SERVICE} ${TARGET} until idle then go back`);
    await stage.change('done', 10_000);
    for (const socket of sockets()) {
      expect(await serverState(socket, TARGET)).toEqual({ admin: 0, weight: 7 });
    }
    expect(await stage.records.holds.pools()).toEqual([]);
  });

  it('outlives a restart of the product', async () => {
    await open({ quietFor: '3s' });
    await stage.type(`drain ${SERVICE} ${TARGET} until idle within 1m then disable`);
    await stage.change('draining');
    await stage.restartProduct();
    await stage.change('done', 20_000);
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
  });

  it('refuses another verb on the member meanwhile, and enable ends it', async () => {
    await open({ quietFor: '10s' });
    await stage.type(`drain ${SERVICE} ${TARGET} until idle within 1m then disable`);
    const { id } = await stage.change('draining');
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await expect.poll(() => stage.whispers()).toContain(id);
    await stage.type(`enable ${SERVICE} ${TARGET}`);
    await expect
      .poll(async () => (await stage.records.changes.get(id))?.state, { timeout: 8_000 })
      .toBe('done');
    expect((await stage.records.changes.get(id))?.outcome?.remarks.join()).toContain('early');
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).admin).toBe(0);
  });

  it('can be cancelled: the members stay drained', async () => {
    await open({ quietFor: '10s' });
    await stage.type(`drain ${SERVICE} ${TARGET} until idle within 1m then disable`);
    const { id } = await stage.change('draining');
    await stage.type(`cancel ${id}`);
    await stage.change('done');
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).admin).toBe(DRAINED);
  });
});

describe('disable where clients stick', () => {
  it('drains first, for a bounded time, and then takes the member out', async () => {
    await open({ cookie: 'JSESSIONID', drainFor: '2s', quietFor: '30s' });
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await stage.change('draining');
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).admin).toBe(DRAINED);
    await stage.change('done', 10_000);
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
  });

  it('does it at once with `now`, and the card says what that costs', async () => {
    await open({ cookie: 'JSESSIONID' });
    await stage.type(`disable ${SERVICE} ${TARGET} now`);
    const done = await stage.change('done');
    expect(done.plan?.stages).toHaveLength(1);
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
  });
});
