import { Secret } from './secret.ts';

/**
 * The site's key and those it replaced. What is signed is signed with the newest; what is checked may carry an
 * older one, so that changes under way outlive a rotation.
 */
export class SigningKeys extends Secret {
  readonly previous: readonly Secret[];

  constructor(current: Secret, previous: readonly Secret[]) {
    super(current.reveal());
    this.previous = previous;
  }
}

/** Every key a signature may have been made with, the newest first. */
export function acceptedKeys(key: Secret): readonly Secret[] {
  return key instanceof SigningKeys ? [key, ...key.previous] : [key];
}
