import type { Person } from '../domain/actor.ts';

/** People and groups of the workspace. Every method throws DIRECTORY_UNAVAILABLE when it cannot say. */
export interface Directory {
  person(userId: string): Promise<Person>;
  /** Members now (at most 60 s old); empty for a disabled group. */
  groupMembers(groupId: string): Promise<readonly string[]>;
  /** True when the channel is shared with another organisation. */
  isSharedChannel(channelId: string): Promise<boolean>;
  /** Id of the workspace this bot belongs to. */
  workspace(): Promise<string>;
}
