import type { Redis } from 'ioredis';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Stores } from '../ports/records.ts';
import { redisAnswers } from './answers.ts';
import { redisAuditLog } from './audit-log.ts';
import { redisCards } from './cards.ts';
import { redisChanges } from './changes.ts';
import { redisClaims } from './claims.ts';
import { redisCommandRate } from './command-rate.ts';
import { redisDeviceSightings } from './device-sightings.ts';
import { redisFreezes } from './freezes.ts';
import { redisHolds } from './holds.ts';
import { redisHomeOpeners } from './home-openers.ts';
import { redisJournal } from './journal.ts';
import { redisLeases } from './leases.ts';
import { redisPairGaps } from './pair-gaps.ts';
import { redisSeenMembers } from './seen-members.ts';
import { redisStoreLife } from './store-life.ts';
import { redisWatchRecords } from './watch-records.ts';

/** Every record of the product over one Redis connection. */
export function redisStores(redis: Redis, clock: Clock, signingKey: Secret): Stores {
  return {
    changes: redisChanges(redis, clock),
    journal: redisJournal(redis),
    audit: redisAuditLog(redis, clock, signingKey),
    holds: redisHolds(redis),
    claims: redisClaims(redis),
    seen: redisSeenMembers(redis),
    cards: redisCards(redis),
    answers: redisAnswers(redis),
    sightings: redisDeviceSightings(redis),
    gaps: redisPairGaps(redis),
    openers: redisHomeOpeners(redis),
    life: redisStoreLife(redis),
    freezes: redisFreezes(redis),
    rate: redisCommandRate(redis),
    leases: redisLeases(redis),
    watched: redisWatchRecords(redis),
  };
}
