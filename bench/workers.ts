/** Two workers against one: the same product, each worker on rows of its own. */
import { Worker } from "node:worker_threads";

/** Windows in which one and two workers take turns; the best of each counts. */
const WINDOWS = 8;
const WINDOW_MS = 150;

/** What a worker is asked, and what it answers with. */
interface Worked {
  readonly calls: number;
}

interface Helper {
  /** Works for that long. @returns calls made */
  readonly work: (ms: number) => Promise<number>;
  readonly close: () => Promise<unknown>;
}

function startHelper(): Promise<Helper> {
  const worker = new Worker(new URL("./worker.mjs", import.meta.url));
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", () =>
      resolve({
        work: (ms) =>
          new Promise((done) => {
            worker.once("message", ({ calls }: Worked) => done(calls));
            worker.postMessage(ms);
          }),
        close: () => worker.terminate(),
      }),
    );
  });
}

/**
 * Throughput of two workers over that of one, 512 x 512 crossbar, batch 512.
 *
 * Needs two cores that nobody else uses.
 */
export async function twoWorkersOverOne(): Promise<number> {
  const helpers = await Promise.all([startHelper(), startHelper()]);
  let one = 0;
  let two = 0;
  for (let window = 0; window < WINDOWS; window++) {
    one = Math.max(one, await helpers[0]!.work(WINDOW_MS));
    const both = await Promise.all(helpers.map((helper) => helper.work(WINDOW_MS)));
    two = Math.max(two, both[0]! + both[1]!);
  }
  await Promise.all(helpers.map((helper) => helper.close()));
  return two / one;
}
