import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Why a request must not be served, or `undefined`. The page can press Approve, so a web site open in
 * the same browser may reach it neither under its own name (DNS rebinding) nor by a plain form.
 */
export function whyRefused(headers: IncomingHttpHeaders, port: number): string | undefined {
  if (!isOurs(headers.host ?? '', port)) return 'bad_host';
  const { origin } = headers;
  if (origin === undefined) return undefined;
  if (!origin.startsWith('http://') || !isOurs(origin.slice('http://'.length), port)) {
    return 'bad_origin';
  }
  return undefined;
}

function isOurs(authority: string, port: number): boolean {
  const cut = authority.lastIndexOf(':');
  return LOOPBACK.has(authority.slice(0, cut)) && authority.slice(cut + 1) === String(port);
}
