import { test } from 'vitest';
import * as stories from './stories.ts';
import { tell } from './sweep.ts';
for (const [name, story] of Object.entries(stories)) if (typeof story === 'object')
test(name, { timeout: 60000 }, async () => {
    await tell(story);
    const t = performance.now();
    const a = await tell(story);
    console.log(name, performance.now() - t, 'boundaries', a.met.length, a.ending);
});
