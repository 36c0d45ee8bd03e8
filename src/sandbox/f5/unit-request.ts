/** One HTTP request to a unit, read to its end. */
export interface UnitRequest {
  readonly method: string;
  /** As sent, with the query. */
  readonly url: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly remoteAddress: string;
  header(name: string): string | undefined;
}
