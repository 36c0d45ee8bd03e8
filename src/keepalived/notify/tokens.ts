import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../domain/secret.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/**
 * Says whose token an `Authorization` header has; undefined for nobody's. Every token is compared, each in the same
 * time, whatever was sent: how long it takes says nothing about them.
 */
export function tokenOwner(
  tokens: ReadonlyMap<string, Secret>,
): (header: string | undefined) => string | undefined {
  const known = [...tokens].map(
    ([director, token]) => [director, digestOf(token.reveal())] as const,
  );
  return (header = '') => {
    const given = digestOf(/^Bearer (?<token>\S{1,300})$/.exec(header)?.groups?.token ?? '');
    let owner: string | undefined;
    for (const [director, digest] of known) {
      if (timingSafeEqual(digest, given)) owner = director;
    }
    return owner;
  };
}
