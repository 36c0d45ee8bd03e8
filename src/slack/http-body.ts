import type { IncomingMessage } from 'node:http';
import { requestBytesMax } from './limits.ts';

/** A request that is answered with this status and nothing else. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.name = 'BadRequest';
    this.status = status;
  }
}

/** Kinds of body that Slack sends. */
export type BodyKind = 'form' | 'json';

/** Throws BadRequest for a kind or an encoding that Slack does not send. */
export function bodyKindOf(request: IncomingMessage): BodyKind {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (encoding !== 'identity') throw new BadRequest(415, 'its body is compressed');
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'application/json') return 'json';
  throw new BadRequest(415, 'its content type is neither a form nor JSON');
}

/**
 * The bytes of the body, at most `requestBytesMax`; rejects with BadRequest when there are more, or when it is cut. The
 * rest of a body that is too large is let pass unread, so that its sender gets the answer.
 */
export function bytesOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= requestBytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(new BadRequest(413, `it has more than ${requestBytesMax} bytes`));
    });
    const cut = () => reject(new BadRequest(400, 'its body was cut'));
    request.on('error', cut);
    request.on('close', cut);
    request.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

/**
 * What was delivered: an event is JSON, a click is JSON in the field `payload` of a form, a command is the form
 * itself. Throws BadRequest when it is none of these.
 */
export function deliveredIn(bytes: Buffer, kind: BodyKind): Readonly<Record<string, unknown>> {
  const text = bytes.toString('utf8');
  if (kind === 'json') return objectIn(text);
  const fields = new URLSearchParams(text);
  const payload = fields.get('payload');
  return payload === null ? Object.fromEntries(fields) : objectIn(payload);
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // Said below: what the parser says would quote the body.
  }
  throw new BadRequest(400, 'its body holds no JSON object');
}
