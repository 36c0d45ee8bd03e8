/*
 * The floor of an acknowledgement: a process that opens Socket Mode with nothing but a socket, and sends each
 * envelope's id back at once. Address of the Web API and the app token come from the environment.
 */
import { WebSocket } from 'ws';

const reply = await fetch(new URL('apps.connections.open', process.env.SLACK_API_URL), {
  method: 'POST',
  headers: { authorization: `Bearer ${process.env.SLACK_APP_TOKEN ?? ''}` },
});
const { url } = (await reply.json()) as { url: string };
const socket = new WebSocket(url);
socket.on('open', () => process.stdout.write('"Echoing"\n'));
socket.on('message', (data) => {
  const { envelope_id } = JSON.parse(String(data)) as { envelope_id?: string };
  if (envelope_id !== undefined) socket.send(JSON.stringify({ envelope_id }));
});
process.once('SIGTERM', () => process.exit(0));
