import type { ServerResponse } from 'node:http';

/** Browsers listening for what changes (server-sent events). */
export class EventStream {
  readonly #clients = new Set<ServerResponse>();

  /** Starts the stream with `first` events. */
  add(response: ServerResponse, first: readonly { name: string; data: object }[]): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    for (const { name, data } of first) response.write(frame(name, data));
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
  }

  send(name: string, data: object): void {
    for (const client of this.#clients) client.write(frame(name, data));
  }

  close(): void {
    for (const client of this.#clients) client.end();
  }
}

function frame(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
