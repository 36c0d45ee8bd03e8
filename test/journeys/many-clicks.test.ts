import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, SECOND_APPROVER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, auditedActors, became, cardsOf, clickOn, told } from './acting.ts';

const TARGET = '192.168.100.78';
const CLICKS = 50;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

describe('fifty clicks on Approve at the same moment, by two people', () => {
  it('are one execution; everybody else is told who was faster', async () => {
    const { id } = await asked(stage, `disable ${SERVICE} ${TARGET}`);
    const people = [APPROVER, SECOND_APPROVER];
    await Promise.all(
      Array.from({ length: CLICKS }, (_, index) =>
        clickOn(stage, id, 'change.approve', people[index % 2], { stale: true }),
      ),
    );
    const done = await became(stage, id, 'done');
    const answers = () => people.flatMap((user) => told(stage, user));
    await expect.poll(() => answers().length, { timeout: 5_000 }).toBe(CLICKS - 1);
    for (const words of answers()) expect(words).toContain('was approved already by');

    expect(await auditedActors(stage, id, 'approved')).toEqual([done.approval?.by]);
    expect(await auditedActors(stage, id, 'refused')).toHaveLength(CLICKS - 1);
    for (const proxy of stage.proxies) {
      expect(proxy.writes).toEqual([`disable server ${SERVICE}/${TARGET}`]);
    }
    for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(true);
    const { entries, headSigned } = await stage.records.audit.readAll();
    expect(headSigned).toBe(true);
    expect(entries.filter(({ kind }) => kind === 'about-to')).toHaveLength(2);
    expect(cardsOf(stage, id)).toHaveLength(1);
  });
});
