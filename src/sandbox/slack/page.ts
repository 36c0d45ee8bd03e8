/** One file of the page. */
export interface PageResource {
  readonly contentType: string;
  readonly body: string;
}
export function pageResource(_path: string): PageResource | undefined {
  return undefined;
}
