import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, auditedActors, became, cardsOf, cardText, clickOn, told, typed } from './acting.ts';

const TARGET = '192.168.100.78';

let stage: Stage;
beforeAll(async () => {
  // The shortest time an inventory may give.
  stage = await openStage({ nodes: 1, expires: '1s' });
});
afterAll(() => stage.stop());

describe('a change nobody agrees to in time', () => {
  it('expires: the card loses its buttons, late clicks hear the truth, no device is touched', async () => {
    const { id, plan, expiresAt } = await asked(stage, `disable ${SERVICE} ${TARGET}`);
    await became(stage, id, 'expired', 3_000);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt ?? 0);
    await expect.poll(() => cardText(stage, id)).toContain('Nobody agreed in time');
    expect(cardText(stage, id)).not.toContain('change.');
    expect(cardsOf(stage, id)).toHaveLength(1);

    await clickOn(stage, id, 'change.approve', APPROVER, { stale: true });
    await expect.poll(() => told(stage, APPROVER).join('\n')).toContain('nothing was changed');
    expect(told(stage, APPROVER).join('\n')).toContain('expired before anybody agreed');
    const late = await typed(stage, `approve ${id} ${plan?.digest.slice(0, 4)}`, {
      user: APPROVER,
    });
    expect(late).toContain('expired before anybody agreed');
    expect(await typed(stage, `cancel ${id}`, { user: REQUESTER })).toContain('expired');

    expect((await stage.records.changes.get(id))?.state).toBe('expired');
    expect(await auditedActors(stage, id, 'expired')).toEqual(['lb-chatops']);
    expect(await auditedActors(stage, id, 'approved')).toEqual([]);
    expect(stage.proxies.flatMap(({ writes }) => writes)).toEqual([]);
    expect(await isOut(stage.nodes[0]?.socket ?? '', TARGET)).toBe(false);
  });

  it('also expires when no worker was there at that moment', async () => {
    const { id } = await asked(stage, `disable ${SERVICE} ${TARGET}`);
    await stage.product()?.stop();
    await expect
      .poll(() => Date.now(), { timeout: 3_000 })
      .toBeGreaterThan(((await stage.records.changes.get(id))?.expiresAt ?? 0) + 50);
    expect((await stage.records.changes.get(id))?.state).toBe('waiting');
    await stage.restartProduct();
    await became(stage, id, 'expired', 3_000);
    await expect.poll(() => cardText(stage, id)).not.toContain('change.');
  });
});
