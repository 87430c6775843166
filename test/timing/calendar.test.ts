import fc from "fast-check";
import { expect, test } from "vitest";
import { createCalendars } from "../../src/timing/calendar.ts";

/** Times passed since the call before, from there to the earliest begin, and lengths. */
const anyCalls = fc.array(
  fc.record({
    link: fc.integer({ min: 0, max: 1 }),
    passed_ps: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 })),
    ahead_ps: fc.integer({ min: 0, max: 40 }),
    duration_ps: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 10, maxLength: 60 },
);

test("a reservation gets the first free interval that is long enough", () => {
  fc.assert(
    fc.property(anyCalls, (calls) => {
      const calendars = createCalendars(2);
      const taken = [new Set<number>(), new Set<number>()];
      let now_ps = 0;
      for (const { link, passed_ps, ahead_ps, duration_ps } of calls) {
        now_ps += passed_ps;
        const ticks = [...Array(duration_ps).keys()];
        let expected_ps = now_ps + ahead_ps;
        while (ticks.some((t) => taken[link]!.has(expected_ps + t))) expected_ps++;
        for (const t of ticks) taken[link]!.add(expected_ps + t);
        expect(calendars.take(link, now_ps, now_ps + ahead_ps, duration_ps)).toBe(expected_ps);
      }
    }),
    { numRuns: 2000 },
  );
});
