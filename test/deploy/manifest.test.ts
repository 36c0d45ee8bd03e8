import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { usageHint } from '../../src/commands/help.ts';
import { textOf } from './repository.ts';

/** The part of Slack's manifest schema (version 1) that we use, with Slack's limits. */
const manifestFile = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(1), minor_version: z.literal(1) }),
  display_information: z.strictObject({
    name: z.string().min(1).max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({
      display_name: z.string().min(1).max(80),
      always_online: z.boolean(),
    }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().min(2).max(32).startsWith('/'),
          description: z.string().min(1).max(2000),
          usage_hint: z.string().max(1000),
          should_escape: z.boolean(),
        }),
      )
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.boolean() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

const text = textOf('manifest.yml');
const manifest = manifestFile.parse(parse(text));

describe('manifest.yml', () => {
  it('has the one command, with the hint that help gives', () => {
    expect(manifest.features.slash_commands).toHaveLength(1);
    const [lb] = manifest.features.slash_commands;
    expect(lb).toMatchObject({ command: '/lb', usage_hint: usageHint() });
  });

  it('leaves names as they were typed: Slack would turn addresses into links', () => {
    expect(manifest.features.slash_commands.map((each) => each.should_escape)).toEqual([false]);
  });

  it('asks for these scopes, each with its reason beside it', () => {
    const { bot } = manifest.oauth_config.scopes;
    expect([...bot].sort()).toEqual([
      'channels:history',
      'channels:read',
      'chat:write',
      'commands',
      'groups:history',
      'groups:read',
      'im:write',
      'usergroups:read',
      'users:read',
    ]);
    for (const scope of bot) {
      expect(text, scope).toMatch(new RegExp(`^ +- ${scope} # \\S.{10,}$`, 'm'));
    }
  });

  it('needs no address on the internet, and takes clicks', () => {
    expect(manifest.settings).toEqual({
      event_subscriptions: { bot_events: ['app_home_opened'] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    });
  });

  it('has the Home tab, and hears when somebody opens it', () => {
    expect(manifest.features.app_home.home_tab_enabled).toBe(true);
    expect(manifest.settings.event_subscriptions.bot_events).toContain('app_home_opened');
  });

  it('lets the bot write to people directly', () => {
    expect(manifest.features.app_home.messages_tab_enabled).toBe(true);
  });

  it.each([
    ['a name that is too long', { display_information: { name: 'x'.repeat(36) } }],
    ['a word that Slack does not know', { settings: { socket_mode: true } }],
  ])('would not pass with %s', (_case, change: Record<string, object>) => {
    const changed = Object.entries(manifest).map(([key, value]) => [
      key,
      { ...value, ...change[key] },
    ]);
    expect(manifestFile.safeParse(Object.fromEntries(changed)).success).toBe(false);
  });
});
