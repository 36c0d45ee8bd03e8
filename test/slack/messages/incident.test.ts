import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/domain/incident.ts';
import { incidentMessage } from '../../../src/slack/messages/incident.ts';

const incident: Incident = {
  v: 1,
  id: 'i0123456789abcde',
  lane: 'edge',
  topic: 'vrrp',
  kind: 'failover',
  state: 'over',
  severity: 'info',
  worst: 'info',
  revision: 1,
  begunAt: 1_795_146_174_000,
  updatedAt: 1_795_146_178_000,
  endedAt: 1_795_146_178_000,
  services: ['test.tianya.cn'],
  headline: 'Fail-over on edge, as was asked for: lvs-1 was MASTER, lvs-2 took over.',
  facts: [{ label: 'Now', text: 'lvs-1: BACKUP; <!channel> lvs-2: MASTER' }],
  events: [],
  eventsCount: 2,
};
const text = (over: Partial<Incident>) =>
  JSON.stringify(incidentMessage({ incident: { ...incident, ...over }, mentions: [] }).blocks);

describe('the message of an incident', () => {
  it('names whoever asked for a fail-over, and the change', () => {
    const asked = { changeId: 'q7k2m9xt', askedBy: 'U024BE7LH' };
    expect(text(asked)).toContain('*Asked for by:* <@U024BE7LH>, change `q7k2m9xt`');
    expect(text({})).not.toContain('Asked for by');
  });

  it('calls nobody by what devices or records say', () => {
    const forged = { changeId: 'q7k2m9xt', askedBy: '!channel' };
    expect(text(forged)).not.toMatch(/<!(?!date)/);
  });
});
