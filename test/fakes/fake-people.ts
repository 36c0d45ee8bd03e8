import type { Person } from '../../src/domain/actor.ts';
import { OperationError } from '../../src/domain/errors.ts';
import type { Directory } from '../../src/ports/directory.ts';

/** A workspace in memory. Whoever is not named otherwise is a full member of it. */
export interface FakeDirectory extends Directory {
  readonly people: Map<string, Partial<Person>>;
  readonly groups: Map<string, readonly string[]>;
  readonly sharedChannels: Set<string>;
  /** Called before each answer; what it throws is the answer. */
  onAsk: (() => unknown) | undefined;
}

export function fakeDirectory(): FakeDirectory {
  const directory: FakeDirectory = {
    workspace: async () => 'T0US',
    people: new Map(),
    groups: new Map(),
    sharedChannels: new Set(),
    onAsk: undefined,
    async person(id) {
      await directory.onAsk?.();
      return {
        id,
        teamId: 'T0US',
        isBot: false,
        isGuest: false,
        isDeleted: false,
        isStranger: false,
        ...directory.people.get(id),
      };
    },
    async groupMembers(id) {
      await directory.onAsk?.();
      return directory.groups.get(id) ?? [];
    },
    async isSharedChannel(id) {
      await directory.onAsk?.();
      return directory.sharedChannels.has(id);
    },
  };
  return directory;
}

export const slackIsSilent = () => {
  throw new OperationError('DIRECTORY_UNAVAILABLE', 'Asking Slack who you are: no answer.');
};
