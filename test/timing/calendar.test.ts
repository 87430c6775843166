import fc from "fast-check";
import { expect, test } from "vitest";
import { createCalendars } from "../../src/timing/calendar.ts";

/** Times passed since the call before, from there to the earliest begin, and lengths. */
const anyCalls = fc.array(
  fc.record({
    places: fc.constantFrom([0], [1], [0, 1], [1, 0]),
    passed_ps: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 })),
    ahead_ps: fc.integer({ min: 0, max: 40 }),
    duration_ps: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 10, maxLength: 60 },
);

test("a reservation gets the first interval that is long enough and free at all its places", () => {
  fc.assert(
    fc.property(anyCalls, (calls) => {
      const calendars = createCalendars(2);
      const taken = [new Set<number>(), new Set<number>()];
      let now_ps = 0;
      for (const { places, passed_ps, ahead_ps, duration_ps } of calls) {
        now_ps += passed_ps;
        const ticks = [...Array(duration_ps).keys()];
        let expected_ps = now_ps + ahead_ps;
        const isTaken = (t: number): boolean => places.some((p) => taken[p]!.has(expected_ps + t));
        while (ticks.some(isTaken)) expected_ps++;
        for (const t of ticks) for (const p of places) taken[p]!.add(expected_ps + t);
        const [one, other] = places;
        const from_ps =
          other === undefined
            ? calendars.take(one!, now_ps, now_ps + ahead_ps, duration_ps)
            : calendars.takeBoth(one!, other, now_ps, now_ps + ahead_ps, duration_ps);
        expect(from_ps).toBe(expected_ps);
      }
    }),
    { numRuns: 2000 },
  );
});
