import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventQueue } from "../../src/timing/event-queue.ts";
import { createTimeHeap } from "../../src/timing/heap.ts";
import { createOpQueues } from "../../src/timing/queues.ts";

test("each queue gives its ops smallest first, whatever the order in which they came", () => {
  const anyOrder = fc
    .integer({ min: 1, max: 60 })
    .chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n }));
  fc.assert(
    fc.property(
      anyOrder,
      fc.array(fc.nat({ max: 3 }), { minLength: 60, maxLength: 60 }),
      (ops, choices) => {
        const queues = createOpQueues(2, ops.length);
        const waiting: number[][] = [[], []];
        const pop = (queue: number): void => {
          const expected = waiting[queue]!.sort((a, b) => a - b).shift();
          if (expected !== undefined) expect(queues.pop(queue)).toBe(expected);
          expect(queues.isEmpty(queue)).toBe(waiting[queue]!.length === 0);
        };
        for (const [i, op] of ops.entries()) {
          const choice = choices[i]!;
          queues.push(choice & 1, op);
          waiting[choice & 1]!.push(op);
          if (choice > 1) pop(op & 1);
        }
        for (const queue of [0, 1]) while (waiting[queue]!.length > 0) pop(queue);
      },
    ),
    { numRuns: 1000 },
  );
});

test("events leave the heap in the order of time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 }), { maxLength: 3000 }), (times) => {
      const heap = createTimeHeap();
      times.forEach((time_ps, id) => {
        heap.push(time_ps, id);
      });
      for (const time_ps of times.toSorted((a, b) => a - b)) {
        expect(heap.peek_ps()).toBe(time_ps);
        expect(times[heap.pop()]).toBe(time_ps);
      }
      expect(heap.peek_ps()).toBe(Infinity);
    }),
  );
});

test("events leave the wheel in the order of time, near and far, while others come", () => {
  const anyDelay_ps = fc.oneof(
    fc.constant(0),
    fc.nat({ max: 3000 }),
    fc.nat({ max: 5_000_000 }),
    fc.nat({ max: 1e12 }),
  );
  const anySteps = fc.array(fc.record({ delay_ps: anyDelay_ps, isPush: fc.boolean() }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(anySteps, (steps) => {
      const queue = createEventQueue();
      const pending: number[] = [];
      const times: number[] = [];
      let now_ps = 0;
      const pop = (): void => {
        pending.sort((a, b) => a - b);
        expect(queue.peek_ps()).toBe(pending[0] ?? Infinity);
        if (pending.length === 0) return;
        now_ps = pending.shift()!;
        expect(times[queue.pop()]).toBe(now_ps);
      };
      for (const { delay_ps, isPush } of steps) {
        if (!isPush) pop();
        else {
          queue.push(now_ps + delay_ps, times.push(now_ps + delay_ps) - 1);
          pending.push(now_ps + delay_ps);
        }
      }
      while (pending.length > 0) pop();
      expect(queue.peek_ps()).toBe(Infinity);
    }),
    { numRuns: 500 },
  );
});
