import { OperationError } from '../../../domain/errors.ts';
import type { Secret } from '../../../domain/secret.ts';
import type { WriteGate } from '../../../ports/adapter.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { HttpsReply, HttpsUnit } from '../../../transports/https.ts';
import { lockOut } from '../lock-out.ts';
import { asDenied, deviceWords, pageFault, Refusal } from '../refusal.ts';
import { repeated } from '../repeat.ts';
import type { Task } from '../unit.ts';
import { childAt, parseXml, textAt, type XmlElement } from './xml.ts';

export interface SoapCall extends Task {
  /** `LocalLB.PoolMember`. */
  readonly interface: string;
  readonly operation: string;
  /** Parameters as XML. */
  readonly parameters: string;
  /** Present for what changes something: it is sent once, whatever comes of it. */
  readonly gate?: WriteGate;
}

/** Calls one operation; resolves with its `return` element, undefined when it returns nothing. */
export type Caller = (call: SoapCall) => Promise<XmlElement | undefined>;

const NAMESPACES =
  'xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" xmlns:A="http://schemas.xmlsoap.org/soap/encoding/" xmlns:s="http://www.w3.org/2001/XMLSchema-instance" xmlns:y="http://www.w3.org/2001/XMLSchema" xmlns:iControl="urn:iControl" E:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"';

/** `primary_error_code` of what does not exist. */
const NOT_FOUND = '16908342';

/** Calls by SOAP 1.1, rpc/encoded, with the password in every request: there are no tokens here. */
export function soapCaller(
  unit: HttpsUnit,
  { username, password }: { readonly username: string; readonly password: Secret },
  clock: Pick<Clock, 'now'>,
  questionMsMax: number,
): Caller {
  const lock = lockOut(unit.place.host, clock);

  const callOnce = async (call: SoapCall): Promise<XmlElement | undefined> => {
    const { doing, signal, gate } = call;
    lock.assertOpen(doing);
    const namespace = `urn:iControl:${call.interface.replace('.', '/')}`;
    const login = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
    const reply = await unit.exchange({
      method: 'POST',
      path: '/iControl/iControlPortal.cgi',
      headers: {
        authorization: `Basic ${login}`,
        'content-type': 'text/xml; charset="UTF-8"',
        soapaction: `"${namespace}"`,
      },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<E:Envelope ${NAMESPACES}><E:Body><m:${call.operation} xmlns:m="${namespace}">${call.parameters}</m:${call.operation}></E:Body></E:Envelope>\n`,
      doing,
      signal,
      ...(gate === undefined ? {} : { gate }),
    });
    if (reply.status === 401) {
      lock.refused();
      const message = `${doing}: ${unit.place.host} refused user name and password of ${username}.`;
      throw new Refusal('PERMISSION', message, reply.status);
    }
    try {
      return returned(reply, call);
    } catch (thrown) {
      throw asDenied(thrown, username);
    }
  };

  return (call) =>
    call.gate === undefined ? repeated(() => callOnce(call), call, questionMsMax) : callOnce(call);
}

function returned(reply: HttpsReply, { doing, gate, operation }: SoapCall): XmlElement | undefined {
  const envelope = envelopeIn(reply, doing, gate !== undefined);
  const content = childAt(envelope, 'Body')?.children[0];
  if (content?.name === 'Fault') throw faultOf(content, doing, reply.status);
  if (reply.status === 200 && content?.name === `${operation}Response`) {
    return childAt(content, 'return');
  }
  throw new OperationError(
    'UNEXPECTED_REPLY',
    `${doing}: the answer (status ${reply.status}) is not one to ${operation}.`,
  );
}

function envelopeIn(reply: HttpsReply, doing: string, isWrite: boolean): XmlElement {
  if (!/^\s*<(?:\?xml|[A-Za-z_][\w.-]*:Envelope|Envelope)\b/.test(reply.body)) {
    throw pageFault(reply, 'XML', doing, isWrite);
  }
  try {
    const envelope = parseXml(reply.body);
    if (envelope.name === 'Envelope') return envelope;
    throw new SyntaxError('it is no envelope');
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const message = `${doing}: the answer cannot be read: ${thrown.message}.`;
    throw new OperationError('UNEXPECTED_REPLY', message, { cause: thrown });
  }
}

/** What a fault says stands in lines of one text: `primary_error_code : N`, `error_string : …`. */
function faultOf(fault: XmlElement, doing: string, status: number): Refusal {
  const text = textAt(fault, 'faultstring');
  const code = /primary_error_code\s*:\s*(\d+)/.exec(text)?.[1];
  const said = /error_string\s*:\s*(.*)/.exec(text)?.[1] ?? text;
  const words = `${doing}: ${deviceWords(said) || 'the unit gave a fault without a reason'}`;
  // Who asked knows whether it was the pool that is missing.
  if (code === NOT_FOUND) return new Refusal('NO_SUCH_POOL', words, status);
  const isDenied = /\bCommon::AccessDenied\b|\bAccess Denied\b/i.test(text);
  return new Refusal(isDenied ? 'PERMISSION' : 'UNEXPECTED_REPLY', words, status);
}
