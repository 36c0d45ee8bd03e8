import { type Account, accountOf, basicCredentials } from './accounts.ts';
import { challenge } from './rest-auth.ts';
import type { RestReply } from './rest-call.ts';
import type { Site } from './site.ts';
import { faultString, SoapFault } from './soap-fault.ts';
import { IN_TRANSACTIONS, SOAP_INTERFACES } from './soap-interfaces.ts';
import type { SoapContext, SoapSession } from './soap-operations.ts';
import { readCall, type SoapCall } from './soap-request.ts';
import { failTransaction, waitsForSubmit } from './soap-session.ts';
import { decode, encode } from './soap-values.ts';
import { interfacesPage, wsdlOf } from './soap-wsdl.ts';
import { anyNumber } from './tokens.ts';
import type { Unit } from './unit.ts';
import type { UnitRequest } from './unit-request.ts';
import { escapeXml, XmlError } from './xml.ts';

const PORTAL = '/iControl/iControlPortal.cgi';
const SESSION_TIMEOUT_S = 1_800;
const TRANSACTION_TIMEOUT_S = 120;

const HEADERS = {
  'Content-Type': 'text/xml; charset="UTF-8"',
  Soapserver: 'EasySoap++/0.6',
};

const sessions = new WeakMap<Unit, Map<string, SoapSession>>();

/** Everything under /iControl: definitions by GET, calls by POST, both with Basic credentials. */
export function answerSoap(site: Site, unit: Unit, request: UnitRequest): RestReply {
  const account = callerOf(site, unit, request);
  if (account === undefined) return challenge('BIG\\-IP');
  if (request.path !== PORTAL) {
    return { status: 404, body: undefined, html: '<html><body>Not Found</body></html>\n' };
  }
  if (request.method === 'GET') return definitions(request);
  if (request.method !== 'POST') return { status: 405, body: undefined, html: 'POST, please.\n' };
  try {
    const call = readCall(request.body);
    return answerCall(site, unit, account, request, call);
  } catch (thrown) {
    if (!(thrown instanceof XmlError)) throw thrown;
    return fault('Client', `Reading the request: ${thrown.message}`);
  }
}

function callerOf(site: Site, unit: Unit, request: UnitRequest): Account | undefined {
  const given = basicCredentials(request.header('authorization'));
  if (given === undefined || site.loginFaults.refusesPasswords) return undefined;
  return accountOf(unit.world.accounts, given.username, given.password);
}

function definitions(request: UnitRequest): RestReply {
  const name = new URLSearchParams(request.query).get('WSDL');
  if (name === null) return { status: 200, body: undefined, html: interfacesPage() };
  const wsdl = wsdlOf(name);
  if (wsdl === undefined) {
    return { status: 404, body: undefined, html: '<html><body>Not Found</body></html>\n' };
  }
  return xml(200, wsdl);
}

function answerCall(
  site: Site,
  unit: Unit,
  account: Account,
  request: UnitRequest,
  call: SoapCall,
): RestReply {
  const { namespace, operation: name } = call;
  const context: SoapContext = {
    unit,
    group: site.group,
    account,
    ...sessionOf(unit, account, request),
  };
  try {
    const operation = SOAP_INTERFACES[call.interfaceName]?.[name];
    if (operation === undefined) {
      throw new SoapFault('Common::NotImplemented', 17_237_812, `Unknown method "${name}"`);
    }
    // Most clients name their parameters; for the others the order counts.
    const values = operation.parameters.map(([parameter, type], index) => {
      const given =
        call.parameters.find((candidate) => candidate.name === parameter) ?? call.parameters[index];
      if (given === undefined) {
        throw new SoapFault('Common::InvalidArgument', 16_907_281, `${parameter} is missing`);
      }
      return decode(type, given, call.byId);
    });
    const waits =
      operation.returns === undefined &&
      IN_TRANSACTIONS.includes(call.interfaceName) &&
      waitsForSubmit(context, () => void operation.run(context, values));
    const value = waits ? undefined : operation.run(context, values);
    const returned =
      operation.returns === undefined || value === undefined
        ? ''
        : encode('return', operation.returns, value);
    return xml(
      200,
      envelope(
        `<m:${name}Response\r\n\txmlns:m="${escapeXml(namespace)}">${returned}</m:${name}Response>`,
      ),
    );
  } catch (thrown) {
    if (!(thrown instanceof SoapFault)) throw thrown;
    failTransaction(context);
    return fault('Server', faultString(thrown, namespace, name));
  }
}

/** Without a session of its own, a client shares that of its user name. */
function sessionOf(
  unit: Unit,
  account: Account,
  request: UnitRequest,
): { session: SoapSession; sessionId: () => number } {
  const known = sessions.get(unit) ?? new Map<string, SoapSession>();
  sessions.set(unit, known);
  const number = request.header('x-icontrol-session');
  const key = number === undefined ? `user ${account.username}` : `session ${Number(number)}`;
  const fresh = (): SoapSession => ({
    folder: '/Common',
    timeoutS: SESSION_TIMEOUT_S,
    transactionTimeoutS: TRANSACTION_TIMEOUT_S,
    recursive: false,
    transaction: undefined,
  });
  const session = known.get(key) ?? fresh();
  known.set(key, session);
  const sessionId = () => {
    if (number !== undefined) return Number(number);
    const id = anyNumber();
    known.set(`session ${id}`, fresh());
    return id;
  };
  return { session, sessionId };
}

const fault = (code: 'Client' | 'Server', message: string): RestReply =>
  xml(
    500,
    envelope(
      `<E:Fault>\r\n<faultcode\r\n\ts:type="y:string">${code}</faultcode>\r\n<faultstring\r\n\ts:type="y:string">${escapeXml(message)}</faultstring>\r\n</E:Fault>`,
    ),
  );

const xml = (status: number, text: string): RestReply => ({
  status,
  body: undefined,
  html: text,
  headers: HEADERS,
});

const envelope = (body: string): string =>
  [
    '<E:Envelope',
    '\txmlns:E="http://schemas.xmlsoap.org/soap/envelope/"',
    '\txmlns:A="http://schemas.xmlsoap.org/soap/encoding/"',
    '\txmlns:s="http://www.w3.org/2001/XMLSchema-instance"',
    '\txmlns:y="http://www.w3.org/2001/XMLSchema"',
    '\txmlns:iControl="urn:iControl"',
    '\tE:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
    `<E:Body>${body}</E:Body>`,
    '</E:Envelope>',
    '',
  ].join('\r\n');
