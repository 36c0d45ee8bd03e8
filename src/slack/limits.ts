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

/**
 * Texts of all blocks of one message together. Not documented; `msg_blocks_too_long` was seen from about 11 000
 * on, 9600 was taken (slackapi/bolt-js #2509, #2867).
 */
export const messageCharsMax = 9000;

// Ours, chosen so that the parts of a card have room in one message.
export const reasonCharsMax = 1000;
export const faultCharsMax = 1000;
export const warningsShownMax = 6;
export const warningCharsMax = 200;
/** Of what a device says of itself, under its table. */
export const deviceRemarkCharsMax = 400;
export const remarksShownMax = 6;
export const remarkCharsMax = 200;
export const effectCharsMax = 1200;
export const commandCharsMax = 2600;
export const byHandCharsMax = 800;
export const stepCharsMax = 1800;
export const approversMentionedMax = 10;
export const membersNamedMax = 3;
export const tablesPerCardMax = 8;
/** How many rows the tables of a card get: the most that have room. */
export const tableRows: readonly number[] = [16, 10, 6, 3, 1];
/** A table shares its section with a heading. */
export const tableCharsMax = 2500;
export const columnCharsMax = 40;
export const answerRowsMax = 16;
/** What a card has no room for: a hundred members on two nodes take four messages. */
export const restMessagesMax = 10;
export const restTextCharsMax = 2500;
export const restTitleCharsMax = 400;
/** Of the Home tab, which Slack limits to 100 blocks. */
export const homeChangesShownMax = 8;
export const homeCommandCharsMax = 800;
export const homeReasonCharsMax = 300;
export const homeSectionsMax = 4;

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

// Signed HTTP.
/** How old, or how far in the future, the timestamp of a signed request may be. */
export const signatureAgeMaxMs = 300_000;
export const requestBytesMax = 256 * 1024;
export const requestHeaderBytesMax = 16 * 1024;
/** How long a sender may take for its whole request. */
export const requestTimeoutMs = 5000;
export const requestConnectionsMax = 500;
/** Refused requests of one kind are logged at most this often. */
export const refusalLogEveryMs = 10_000;
