/** Who acts. `id` is a Slack user id; a shell user gets theirs through the inventory's `shell` map. */
export interface Actor {
  readonly id: string;
  readonly via: 'slack' | 'shell';
  /** Name of the operating system's user, when `via` is `shell`. */
  readonly shellUser?: string;
}

/** What Slack says about a person (users.info). Nobody is let in on less. */
export interface Person {
  readonly id: string;
  readonly teamId: string;
  readonly isBot: boolean;
  readonly isGuest: boolean;
  readonly isDeleted: boolean;
  /** True for people of another workspace (Slack Connect). */
  readonly isStranger: boolean;
}
