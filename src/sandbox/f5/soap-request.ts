import { parseXml, type XmlElement, XmlError } from './xml.ts';

export interface SoapCall {
  /** `LocalLB.PoolMember` */
  readonly interfaceName: string;
  /** `urn:iControl:LocalLB/PoolMember` */
  readonly namespace: string;
  readonly operation: string;
  readonly parameters: readonly XmlElement[];
  /** Elements with an `id`, which others refer to. */
  readonly byId: ReadonlyMap<string, XmlElement>;
}

/** Name of the operation, or `undefined` for a body that has none; for the request log and faults. */
export const soapOperation = (body: string): string | undefined =>
  /<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?([\w.-]+)/.exec(body)?.[1];

/** The call in an envelope. The interface comes from the namespace of the call: not all clients send SOAPAction. */
export function readCall(source: string): SoapCall {
  const envelope = parseXml(source);
  const body = envelope.children.find((child) => child.name === 'Body');
  const call = body?.children[0];
  if (envelope.name !== 'Envelope' || body === undefined || call === undefined) {
    throw new XmlError('no call in a SOAP body');
  }
  const byId = new Map<string, XmlElement>();
  const collect = (element: XmlElement) => {
    if (element.attributes.id !== undefined) byId.set(element.attributes.id, element);
    for (const child of element.children) collect(child);
  };
  collect(body);
  const interfaceName = /^urn:iControl:([\w/.]+)$/.exec(call.namespace)?.[1]?.replace('/', '.');
  return {
    interfaceName: interfaceName ?? '',
    namespace: call.namespace,
    operation: call.name,
    parameters: call.children,
    byId,
  };
}
