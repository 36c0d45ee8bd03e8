/** Every limit of the flow, with its unit in its name. */

/** A command is answered within this time, whatever Redis or Slack do (Slack gives up after 3 s). */
export const frontDeadlineMs = 1_900;
/** A request that no worker planned within this time is dropped: nobody expects it any more. */
export const requestValidMs = 60_000;
/** An approved change that did not reach the head of its lane within this time is dropped. */
export const approvalValidMs = 15 * 60_000;
/** Writes of one run all start within this time of reaching the head of the lane. */
export const runValidMs = 2 * 60_000;
/** One read of one pool on one device. */
export const readDeadlineMs = 5_000;
/** A state that lasts shorter is not shown: most changes are over before their card could say that they run. */
export const passingStateMs = 300;
/** The reading that found all pools sound serves for the first write as well when it is no older. */
export const readFreshMs = 100;
/** One write to one device, connecting included. */
export const writeDeadlineMs = 5_000;
/** How long the device may take to show what it acknowledged. */
export const verifyWithinMs = 3_000;
export const verifyEveryMs = 100;
/** A write later than this after its fence was checked is not sent. */
export const permitValidMs = 100;
export const permitAttemptsMax = 3;
/** Tries to connect before a device counts as unreachable. */
export const connectAttemptsMax = 3;
export const connectRetryMs = 300;
/** Pause between looks at a device that did not say what it did; doubles up to the maximum. */
export const unknownRetryMs = 500;
export const unknownRetryMaxMs = 5_000;
/** So many reads in a row must show the old state before a silent write counts as not executed. */
export const unknownUnchangedReads = 3;
/** A third start of the same change no longer writes. */
export const runsMax = 2;
export const openPerUserAndServiceMax = 3;
export const historyLinesMax = 20;
export const answerValidMs = 60_000;
/** The Home tab is drawn anew for people who opened it within this time. */
export const homeFreshMs = 3_600_000;
/** So many of the newest open changes are looked through for one Home tab. */
export const homeChangesMax = 200;
/** How many other services are looked at for members on the same host. */
export const neighboursMax = 20;
/** That look is a courtesy: a balancer that does not answer within this time is named instead. */
export const neighbourReadMs = 1_000;

/** The other node of a pair is looked at for comparison; one that does not answer by then is away. */
export const peerReadMs = 3_000;
/** Whole tables take longer than one pool. */
export const compareReadMs = 8_000;
/** Nodes known to differ from the other node of their pair are looked at this often. */
export const gapLookEveryMs = 2_000;

/** A pair that was half written when its roles began to change is given this time: a takeover lasts three to four seconds. */
export const rolesSettleMs = 8_000;
export const rolesAskEveryMs = 500;

/** A drain that names no time waits this long for idle members. */
export const idleWithinMs = 30 * 60_000;
/** Pause between two looks at members that are to become idle. */
export const idleLookEveryMs = 1_000;
/** The card of a waiting change is brought up to date no more often than this. */
export const progressEveryMs = 15_000;
/** A time box reminds this long before its end, or at half its time when it is short. */
export const remindBeforeMs = 5 * 60_000;
/** A return that a freeze or a silent device holds back is tried again after this time. */
export const returnRetryMs = 2_000;
/** A return later than this says so. */
export const returnLateMs = 5_000;
/** Write commands of one person on one service within one minute. */
export const commandsPerMinuteMax = 20;

/** Every balancer is looked at this often. */
export const watchEveryMs = 2_000;
/** One whose members are held, or whose pair has something open: what a restart forgot is restored within one look. */
export const watchHeldEveryMs = 1_000;
/** One that does not answer is looked at less and less often, down to this. */
export const watchAwayEveryMs = 8_000;
/** One watcher per balancer; a watcher that died is replaced after this time. */
export const watchLeaseMs = 5_000;
/** Restores of one balancer within one hour; after that somebody must look. */
export const restoresPerHourMax = 3;
/** Approved changes that wait in one lane; beyond that no more commands are taken. */
export const laneWaitingMax = 50;
/** Members named in one notice. */
export const orphansNamedMax = 20;
/** Pools that are read side by side when all of the site are looked at. */
export const orphanReadsAtOnce = 20;
/** The message of an incident is edited no more often than this; the first post comes at once. */
export const incidentEditEveryMs = 1_000;
