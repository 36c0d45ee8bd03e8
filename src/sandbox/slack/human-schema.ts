import { z } from 'zod';

/** What each verb of a human takes; the same over HTTP and in a test. */

const id = z.string().min(1).max(64);
const text = z.string().max(100_000);

const override = z.strictObject({
  team_id: id.optional(),
  user_team_id: id.optional(),
  api_app_id: id.optional(),
  signature: z.enum(['wrong', 'stale']).optional(),
});

/** `force` skips what the real Slack would not let this person do; `override` lies in the delivery. */
const hostile = { override: override.optional(), force: z.boolean().optional() };

export const commandSchema = z.strictObject({
  user: id,
  channel: id,
  command: z.string().regex(/^\/\S{1,31}$/),
  text: text.optional(),
  ...hostile,
});

export const clickSchema = z.strictObject({
  user: id,
  channel: id,
  ts: z.string(),
  action_id: z.string(),
  block_id: z.string().optional(),
  /** Instead of the button's own value. */
  value: z.string().optional(),
  selected_option: z.record(z.string(), z.unknown()).optional(),
  /** Click a button that an edit has removed since, as a slow client can. */
  stale: z.boolean().optional(),
  ...hostile,
});

export const submitSchema = z.strictObject({
  user: id,
  view_id: z.string(),
  values: z.record(z.string(), z.unknown()).optional(),
  ...hostile,
});

export const saySchema = z.strictObject({
  user: id,
  channel: id,
  text,
  thread_ts: z.string().optional(),
});

export const openHomeSchema = z.strictObject({ user: id, ...hostile });

export const clickHomeSchema = z.strictObject({
  user: id,
  action_id: z.string(),
  block_id: z.string().optional(),
  /** Instead of the button's own value. */
  value: z.string().optional(),
  ...hostile,
});

export const redeliverSchema = z.strictObject({ delivery: z.int().min(0) });

export const disconnectSchema = z.strictObject({
  /** `cut` breaks the connections without a word. */
  reason: z.enum(['warning', 'refresh_requested', 'link_disabled', 'cut']).optional(),
});

const delayMs = z.int().min(0).max(600_000);

export const faultSchema = z.union([
  z.strictObject({ clear: z.literal(true) }),
  z.strictObject({
    method: z.string().min(1),
    times: z.int().min(1).max(1_000_000).optional(),
    channel: id.optional(),
    delayMs: delayMs.optional(),
    drop: z.boolean().optional(),
    status: z.int().min(200).max(599).optional(),
    error: z.string().min(1).optional(),
    retryAfter: z.int().min(0).max(3_600).optional(),
    after: z.boolean().optional(),
  }),
]);

export const adminSchema = z.union([
  z.strictObject({
    channel: id,
    archived: z.boolean().optional(),
    ext_shared: z.boolean().optional(),
    /** User ids, the bot's too. */
    invite: z.array(id).optional(),
    remove: z.array(id).optional(),
  }),
  z.strictObject({
    usergroup: id,
    users: z.array(id).optional(),
    disabled: z.boolean().optional(),
  }),
  z.strictObject({
    user: id,
    deleted: z.boolean().optional(),
    guest: z.boolean().optional(),
  }),
  /** `null` lifts the limit. */
  z.strictObject({ editWindowMs: z.int().min(0).nullable() }),
  z.strictObject({ delete_message: z.strictObject({ channel: id, ts: z.string() }) }),
]);

export const channelSchema = z.strictObject({ channel: id, user: id.optional() });
export const ephemeralsSchema = z.strictObject({ user: id, channel: id.optional() });
export const stateSchema = z.strictObject({ user: id.optional(), channel: id.optional() });
/** One of the list of things to break. */
export const thingSchema = z.strictObject({ thing: id });
export const noneSchema = z.strictObject({});
export const logSchema = z.strictObject({ method: z.string().optional() });

export type CommandInput = z.input<typeof commandSchema>;
export type ClickInput = z.input<typeof clickSchema>;
export type SubmitInput = z.input<typeof submitSchema>;
export type SayInput = z.input<typeof saySchema>;
export type OpenHomeInput = z.input<typeof openHomeSchema>;
export type ClickHomeInput = z.input<typeof clickHomeSchema>;
export type RedeliverInput = z.input<typeof redeliverSchema>;
export type DisconnectInput = z.input<typeof disconnectSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type AdminInput = z.input<typeof adminSchema>;
export type ChannelInput = z.input<typeof channelSchema>;
export type EphemeralsInput = z.input<typeof ephemeralsSchema>;
export type StateInput = z.input<typeof stateSchema>;
export type LogInput = z.input<typeof logSchema>;
