import type { SwitchVerb } from '../domain/command.ts';
import type { DeviceLook, NodeWords } from '../domain/device-look.ts';
import type { Fault } from '../domain/errors.ts';
import type { WatchEvent } from '../domain/event.ts';
import type { MemberSetting } from '../domain/member.ts';
import type { VipMeasure } from '../domain/scene.ts';
import type { NotifyHeartbeat, NotifyLine } from '../ports/notices.ts';
import type { WatchRules } from './rules.ts';
import type { LaneSite } from './site.ts';

/** What reaches the watcher: what it saw, or what a director told. */
export type Observation =
  | {
      readonly kind: 'look';
      readonly balancer: string;
      /** When the look began and ended, by our clock: it shows a moment between. */
      readonly at: number;
      readonly until: number;
      readonly look: DeviceLook;
    }
  | {
      readonly kind: 'silence';
      readonly balancer: string;
      readonly at: number;
      readonly until: number;
      readonly fault: Fault;
      /** What balances there does not answer, but the host that it runs on does. */
      readonly words?: NodeWords;
    }
  /** All that a probe of the VIP knows by now. */
  | { readonly kind: 'probe'; readonly at: number; readonly measure: VipMeasure }
  | { readonly kind: 'line'; readonly line: NotifyLine }
  | { readonly kind: 'beat'; readonly beat: NotifyHeartbeat };

/** A member that a change of ours is at work on, or keeps as it is. */
export interface OwnWork {
  readonly changeId: string;
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
  /** Where it is held; absent while the change is at work. */
  readonly want?: MemberSetting;
}

/** A change of ours by which another node is to be MASTER. */
export interface OwnSwitch {
  readonly changeId: string;
  readonly verb: SwitchVerb;
  /** The node that is to be it. */
  readonly next: string;
  /** Slack user id of whoever asked. */
  readonly askedBy: string;
  /** It was begun after this time, and was over by this one; absent while it runs. */
  readonly from: number;
  readonly to?: number;
}

/** What else is to be known when an observation is judged. */
export interface Surroundings {
  readonly site: LaneSite;
  readonly rules: WatchRules;
  readonly work: readonly OwnWork[];
  /** What is at work or rests on this lane, each in a sentence. */
  readonly open: readonly string[];
  readonly switches: readonly OwnSwitch[];
}

/** An event, and the topic under which an incident may tell it; without one it is only recorded. */
export interface TopicalEvent {
  readonly event: WatchEvent;
  readonly topic?: string;
}

export const topicOf = {
  device: (balancer: string) => `device:${balancer}`,
  lines: (balancer: string) => `lines:${balancer}`,
  units: (balancer: string) => `units:${balancer}`,
  standby: (balancer: string) => `standby:${balancer}`,
  sync: (balancer: string) => `sync:${balancer}`,
  members: (pool: string) => `members:${pool}`,
  table: (pool: string) => `table:${pool}`,
} as const;
