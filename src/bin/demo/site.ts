/** Names of the demo's site: those of the article that lb-chatops began with. */
export const SERVICE = 'test.tianya.cn';
export const MEMBERS: readonly string[] = ['74', '75', '76', '77', '78'].map(
  (end) => `192.168.100.${end}`,
);

export interface DemoService {
  readonly name: string;
  readonly members: readonly string[];
}

/** What the HAProxy nodes serve: the article's service, unless LVS directors do. */
export function haproxyService(withLvs: boolean): DemoService {
  if (!withLvs) return { name: SERVICE, members: MEMBERS };
  return { name: 'web.tianya.cn', members: ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'] };
}

export const WEIGHT = 10;
export const COOKIE = 'JSESSIONID';
export const CHANNEL = { id: 'C0OPS', name: 'ops' };

export const REQUESTER = { id: 'U0MAYA', name: 'maya (on call)' };
export const APPROVER = { id: 'U0LIN', name: 'lin (approver)' };
export const VIEWER = { id: 'U0NOOR', name: 'noor (viewer)' };
export const PEOPLE = [REQUESTER, APPROVER, VIEWER];

export const GROUPS = [
  { id: 'S0OPS', handle: 'ops-oncall', name: 'On call', users: [REQUESTER.id, APPROVER.id] },
  { id: 'S0LBAPPR', handle: 'lb-approvers', name: 'Approvers', users: [APPROVER.id] },
];
