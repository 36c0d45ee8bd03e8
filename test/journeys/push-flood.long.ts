import { afterEach, beforeEach, expect, it } from 'vitest';
import { floodedBy, openPushStory, type PushStory } from './push-story.ts';

let story: PushStory;
beforeEach(async () => {
  story = await openPushStory();
});
afterEach(() => story.stop());

it('ten thousand lines of a pair leave no more behind than a few, and commands are answered meanwhile', async () => {
  const before = process.memoryUsage().rss;
  await floodedBy(10_000, story);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
}, 240_000);
