/** Every limit of this folder, with its unit in the name. Slack's own come from the Block Kit reference. */

// Slack's.
export const sectionCharsMax = 3000;
export const contextCharsMax = 2000;
export const headerCharsMax = 150;
export const buttonCharsMax = 75;
export const confirmTitleCharsMax = 100;
export const confirmTextCharsMax = 300;
export const confirmButtonCharsMax = 30;
export const blocksPerMessageMax = 50;
/** Longer message texts are cut by Slack at 40 000; 4000 is what it advises. */
export const messageTextCharsMax = 4000;

// Ours, chosen so that a card stays readable and below Slack's.
export const reasonCharsMax = 2900;
export const warningsShownMax = 10;
export const remarksShownMax = 10;
export const approversMentionedMax = 10;
export const membersNamedMax = 3;
export const tablesPerCardMax = 8;
export const tableRowsFewTablesMax = 16;
export const tableRowsManyTablesMax = 8;
export const manyTablesFrom = 3;
export const commandSectionsMax = 4;
/** A table shares its section with a heading. */
export const tableCharsMax = 2500;
export const columnCharsMax = 40;
export const answerBlocksMax = 45;
export const answerTablesMax = 30;

// Time.
/** A command is acknowledged at the latest after this; Slack gives up after 3000. */
export const ackDeadlineMs = 2000;
export const postTimeoutMs = 10_000;
/** Asked while somebody waits for an acknowledgement, so shorter than `ackDeadlineMs`. */
export const lookupTimeoutMs = 1500;
export const directoryMaxAgeMs = 60_000;
export const directoryEntriesMax = 5000;
export const connectTimeoutMs = 30_000;
export const reconnectPauseMinMs = 250;
export const reconnectPauseMaxMs = 15_000;
/** How long the closing handshake of the socket may take before it is dropped. */
export const disconnectTimeoutMs = 1000;
/** How far Slack's clock and ours may be apart when a message is looked for. */
export const clockSkewMs = 60_000;
/** A card is looked for in at most this many pages of a channel. */
export const historyPagesMax = 5;
export const historyPageMessages = 200;
export const respondTimeoutMs = 5000;
