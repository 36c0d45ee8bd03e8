/** Names of the part of the demo that is simulated: a BIG-IP pair, with the members of the article's F5 pool. */
export const F5_UNITS = 'f5-edge';
export const F5_SERVICE = 'f5.tianya.cn';
export const F5_POOL = `/Common/${F5_SERVICE}`;
export const F5_MEMBERS: readonly string[] = ['42', '43', '44', '45', '46'].map(
  (end) => `192.168.100.${end}:80`,
);
/** Those that the story takes out. */
export const F5_TARGETS = F5_MEMBERS.slice(0, 3);
export const F5_PASSWORD_IN = 'F5_PASSWORD';

/** Stands on the page, in the banner and in the transcript. */
export const F5_NOTICE = `${F5_SERVICE}: BIG-IP pair SIMULATED - no F5 software, no traffic`;
