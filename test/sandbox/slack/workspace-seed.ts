import type { LocalSlackOptions } from '../../../src/sandbox/slack/options.ts';

export const CHANNEL = 'C0OPS';
export const PRIVATE = 'G0SECRET';
export const ARCHIVED = 'C0OLD';
export const SHARED = 'C0SHARED';
export const OUTSIDE = 'C0OUTSIDE';

/** One of everything that the product must tell apart. */
export const SEED: LocalSlackOptions = {
  team: { id: 'T0HOME', name: 'Home', domain: 'home' },
  users: [
    { id: 'U0ALICE', name: 'alice' },
    { id: 'U0BOB', name: 'bob' },
    { id: 'U0GUEST', name: 'guest', is_ultra_restricted: true },
    { id: 'U0GONE', name: 'gone', deleted: true },
    { id: 'U0ROBOT', name: 'robot', is_bot: true },
    { id: 'U0FOREIGN', name: 'foreign', team_id: 'T0AWAY' },
  ],
  channels: [
    { id: CHANNEL, name: 'ops' },
    { id: PRIVATE, name: 'secret', is_private: true, members: ['U0ALICE'] },
    { id: ARCHIVED, name: 'old', is_archived: true },
    {
      id: SHARED,
      name: 'shared',
      is_ext_shared: true,
      members: ['U0LBBOT', 'U0ALICE', 'U0FOREIGN'],
    },
    { id: OUTSIDE, name: 'outside', members: ['U0ALICE'] },
  ],
  userGroups: [
    { id: 'S0OPS', handle: 'ops', users: ['U0ALICE', 'U0BOB'] },
    { id: 'S0CLOSED', handle: 'closed', users: ['U0BOB'], disabled: true },
  ],
};
