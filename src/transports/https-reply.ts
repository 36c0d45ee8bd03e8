import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Collects a reply: either `fail` or `done` is called, once. */
export function readReply(
  response: IncomingMessage,
  bytesMax: number,
  fail: (code: 'CUT_REPLY' | 'TOO_LARGE', words: string) => void,
  done: (reply: { status: number; headers: IncomingHttpHeaders; body: string }) => void,
): void {
  const announced = Number(response.headers['content-length'] ?? 0);
  if (announced > bytesMax) {
    fail(
      'TOO_LARGE',
      `${announced} bytes were announced, more than ${bytesMax} bytes are not read`,
    );
    response.destroy();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bytesMax) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    fail('TOO_LARGE', `more than ${bytesMax} bytes came back`);
    response.destroy();
  });
  const onCut = () => fail('CUT_REPLY', `the answer broke off after ${bytes} bytes`);
  response.once('error', onCut);
  response.once('end', () => {
    if (!response.complete) return onCut();
    const { statusCode: status = 0, headers } = response;
    done({ status, headers, body: Buffer.concat(chunks).toString('utf8') });
  });
}
