/** An answer other than success, in the form of the REST worker that gives it. */
export class RestError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  /** `apiError` is the number that comes with answers of the configuration itself. */
  constructor(status: number, message: string, apiError?: number) {
    super(message);
    this.status = status;
    this.body = {
      code: status,
      message,
      errorStack: [],
      ...(apiError === undefined ? {} : { apiError }),
    };
  }
}

/** Number of errors about the request itself. */
const BAD_REQUEST = 26_214_401;

export const badRequest = (message: string) => new RestError(400, message, BAD_REQUEST);

export const invalidValue = (key: string, value: unknown) =>
  badRequest(`invalid property value "${key}":${JSON.stringify(value)}`);

/** `what` as the device words it: `Pool`, `pool`, `Pool Member`, `Node`. */
export const notFound = (what: string, name: string) =>
  new RestError(404, `01020036:3: The requested ${what} (${name}) was not found.`, 3);

export const objectNotFound = (path: string) => new RestError(404, `Object not found - ${path}`, 1);

export const notAllowed = (component: string) =>
  new RestError(403, `Operation is not supported on component ${component}.`);
