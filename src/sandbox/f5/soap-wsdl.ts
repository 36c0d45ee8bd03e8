import { SOAP_INTERFACES } from './soap-interfaces.ts';
import type { SoapInterface, SoapOperation } from './soap-operations.ts';
import { closureOf, SCALARS, typeOf } from './soap-types.ts';

const ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';

export const namespaceOf = (name: string): string => `urn:iControl:${name.replace('.', '/')}`;

/** Definitions of one interface, made from the table of its operations: rpc, encoded, SOAP 1.1. */
export function wsdlOf(name: string): string | undefined {
  const operations = SOAP_INTERFACES[name];
  if (operations === undefined) return undefined;
  const each = Object.entries(operations);
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="${name}" targetNamespace="urn:iControl"
 xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:iControl"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soapenc="${ENCODING}"
 xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<types>
<xsd:schema targetNamespace="urn:iControl">
<xsd:import namespace="${ENCODING}"/>
${closureOf(typesOf(operations)).map(typeDefinition).join('\n')}
</xsd:schema>
</types>
${each.map(([operation, signature]) => messages(name, operation, signature)).join('\n')}
<portType name="${name}PortType">
${each.map(([operation]) => portOperation(name, operation)).join('\n')}
</portType>
<binding name="${name}Binding" type="tns:${name}PortType">
<soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
${each.map(([operation]) => boundOperation(name, operation)).join('\n')}
</binding>
<service name="${name}">
<port name="${name}Port" binding="tns:${name}Binding"><soap:address location="https://url_to_service"/></port>
</service>
</definitions>
`;
}

const typesOf = (operations: SoapInterface): string[] =>
  Object.values(operations).flatMap(({ parameters, returns }) => [
    ...parameters.map(([, type]) => type),
    ...(returns === undefined ? [] : [returns]),
  ]);

const reference = (type: string): string => `${SCALARS.includes(type) ? 'xsd' : 'tns'}:${type}`;

function typeDefinition(name: string): string {
  const type = typeOf(name);
  if (type === undefined) return '';
  if ('values' in type) {
    const values = type.values.map((value) => `<xsd:enumeration value="${value}"/>`).join('');
    return `<xsd:simpleType name="${name}"><xsd:restriction base="xsd:string">${values}</xsd:restriction></xsd:simpleType>`;
  }
  if ('fields' in type) {
    const fields = type.fields
      .map(([field, of]) => `<xsd:element name="${field}" type="${reference(of)}"/>`)
      .join('');
    return `<xsd:complexType name="${name}"><xsd:sequence>${fields}</xsd:sequence></xsd:complexType>`;
  }
  return `<xsd:complexType name="${name}"><xsd:complexContent><xsd:restriction base="soapenc:Array"><xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="${reference(type.items)}[]"/></xsd:restriction></xsd:complexContent></xsd:complexType>`;
}

function messages(name: string, operation: string, signature: SoapOperation): string {
  const part = (field: string, type: string) => `<part name="${field}" type="${reference(type)}"/>`;
  const request = signature.parameters.map(([field, type]) => part(field, type)).join('');
  const answer = signature.returns === undefined ? '' : part('return', signature.returns);
  return `<message name="${name}.${operation}Request">${request}</message><message name="${name}.${operation}Response">${answer}</message>`;
}

const portOperation = (name: string, operation: string): string =>
  `<operation name="${operation}"><input message="tns:${name}.${operation}Request"/><output message="tns:${name}.${operation}Response"/></operation>`;

function boundOperation(name: string, operation: string): string {
  const body = `<soap:body use="encoded" namespace="${namespaceOf(name)}" encodingStyle="${ENCODING}"/>`;
  return `<operation name="${operation}"><soap:operation soapAction="${namespaceOf(name)}"/><input>${body}</input><output>${body}</output></operation>`;
}

/** Page that lists the interfaces; clients read the names out of its links. */
export const interfacesPage = (): string =>
  `<html><head><title>iControl (SIMULATED)</title></head><body><ul>\n${Object.keys(SOAP_INTERFACES)
    .map((name) => `<li><a href="/iControl/iControlPortal.cgi?WSDL=${name}">${name}</a></li>`)
    .join('\n')}\n</ul></body></html>\n`;
