/** What went wrong in a SOAP call, in the device's words. */
export class SoapFault extends Error {
  /** `Common::OperationFailed` and the like. */
  readonly exception: string;
  readonly code: number;

  constructor(exception: string, code: number, message: string) {
    super(message);
    this.exception = exception;
    this.code = code;
  }
}

const NOT_FOUND = 16_908_342;

export const requestedNotFound = (what: string, name: string): SoapFault =>
  new SoapFault(
    'Common::OperationFailed',
    NOT_FOUND,
    `01020036:3: The requested ${what} (${name}) was not found.`,
  );

export const accessDenied = (): SoapFault =>
  new SoapFault(
    'Common::AccessDenied',
    17_237_812,
    '01070734:3: Access denied: the role of this user does not allow it.',
  );

/** Text of `faultstring`; `namespace` is that of the interface, such as urn:iControl:LocalLB/Pool. */
export function faultString(fault: SoapFault, namespace: string, operation: string): string {
  const group = /^urn:iControl:(\w+)\//.exec(namespace)?.[1] ?? '';
  return [
    `Exception caught in ${group}::${namespace}::${operation}()`,
    `Exception: ${fault.exception}`,
    `\tprimary_error_code   : ${fault.code} (0x${fault.code.toString(16).toUpperCase().padStart(8, '0')})`,
    '\tsecondary_error_code : 0',
    `\terror_string         : ${fault.message}`,
  ].join('\n');
}
