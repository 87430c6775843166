import fc from "fast-check";
import { expect, test } from "vitest";
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
