import { RestError } from './rest-errors.ts';

/** A segment of an address, decoded. Throws 400 where `%` is followed by something else than a code. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RestError(400, `URI path ${segment} is not properly encoded.`);
  }
}

/** `~Common~web` and `web` both mean /Common/web. */
export const pathOfSegment = (segment: string): string =>
  segment.startsWith('~') ? segment.replaceAll('~', '/') : `/Common/${segment}`;

/** How an address of the device spells an object: `/` as `~`, then percent-encoded, `:` left alone. */
export const segmentOf = (path: string): string =>
  encodeURIComponent(path.replaceAll('/', '~')).replaceAll('%3A', ':');
