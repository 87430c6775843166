import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  batchesOf,
  imageExamples,
  inOrder,
  windowExamples,
} from "../../../src/training/data/batches.ts";
import { alphabetOf, encode } from "../../../src/training/data/characters.ts";
import { DATA_ROLES, splitDigits } from "../../../src/training/data/digits.ts";
import { unigramEntropy, windowsIn } from "../../../src/training/data/windows.ts";

/** Ten digits with 6 to 15 images, each of which is its own number everywhere. */
const digits = Array.from({ length: 10 }, (_, digit) =>
  Float32Array.from({ length: (6 + digit) * 784 }, (__, p) => digit * 100 + Math.floor(p / 784)),
);
const sizes = { evaluation: 30, validation: 20, training: 40 };

describe("split of the digits", () => {
  test("no image serves two roles, and labels are those of the images", () => {
    const split = splitDigits(digits, sizes)!;
    const seen = DATA_ROLES.flatMap((role) => {
      const { items, pixels, labels } = split[role];
      expect(items).toBe(sizes[role]);
      return Array.from({ length: items }, (_, i) => {
        expect(Math.floor(pixels[i * 784]! / 100)).toBe(labels[i]);
        return pixels[i * 784];
      });
    });
    expect(new Set(seen).size).toBe(90);
  });

  test("what is evaluated depends on its own size only, and is balanced", () => {
    const [a, b] = [10, 40].map(
      (training) => splitDigits(digits, { ...sizes, training })!.evaluation,
    );
    expect(a).toEqual(b);
    for (let digit = 0; digit < 10; digit++)
      expect(a!.labels.filter((label) => label === digit).length).toBe(3);
  });

  test("more than there are: nothing", () => {
    expect(splitDigits(digits, { ...sizes, training: 1000 })).toBeNull();
  });
});

describe("text", () => {
  test("known characters come back, others are one symbol", () => {
    const alphabet = alphabetOf("hello");
    expect(alphabet.characters).toEqual(["e", "h", "l", "o"]);
    expect([...encode("hole!?", alphabet)]).toEqual([1, 3, 2, 0, 4, 4]);
  });

  test("targets are the inputs one later, through the ends of windows", () => {
    const ids = Int32Array.from({ length: 23 }, (_, i) => i);
    const windows = windowsIn(ids, 5, 100);
    expect(windows.items).toBe(4);
    expect([...windows.targets]).toEqual([...windows.inputs].map((id) => id + 1));
    expect(windowsIn(ids, 5, 11).items).toBe(2);
  });

  test("unigram entropy: ln n of n equally frequent symbols, 0 of one, and never more than ln n", () => {
    expect(unigramEntropy(Int32Array.from([1, 2, 3, 4]))).toBeCloseTo(Math.log(4), 12);
    expect(unigramEntropy(Int32Array.from([5, 5, 5]))).toBeCloseTo(0, 12);
    fc.assert(
      fc.property(fc.array(fc.nat(7), { minLength: 1 }), (ids) => {
        expect(unigramEntropy(Int32Array.from(ids))).toBeLessThanOrEqual(Math.log(8) + 1e-9);
      }),
    );
  });
});

describe("batches", () => {
  const windows = windowsIn(
    Int32Array.from({ length: 36 }, (_, i) => i),
    5,
    100,
  );
  const examples = windowExamples(windows);

  test("every example once an epoch, in another order the next time, whatever the batch", () => {
    const batchAt = batchesOf(examples, 3, 1);
    const firsts = (from: number, steps: number): number[] =>
      Array.from({ length: steps }, (_, s) => batchAt(from + s)).flatMap(({ inputs }) => [
        inputs[0]!,
        inputs[5]!,
        inputs[10]!,
      ]);
    const epochs = firsts(0, 14);
    const [a, b] = [epochs.slice(0, 7), epochs.slice(7, 14)];
    expect(a.toSorted((x, y) => x - y)).toEqual([0, 5, 10, 15, 20, 25, 30]);
    expect(b.toSorted((x, y) => x - y)).toEqual([0, 5, 10, 15, 20, 25, 30]);
    expect(a).not.toEqual(b);
  });

  test("a step's batch does not depend on what was asked before", () => {
    const batchAt = batchesOf(examples, 4, 2);
    const later = batchAt(9);
    batchAt(0);
    expect(batchAt(9)).toEqual(later);
    expect(batchesOf(examples, 4, 3)(9)).not.toEqual(later);
  });

  test("in order: all of them, the last batch shorter", () => {
    const images = splitDigits(digits, sizes)!.validation;
    const batches = inOrder(imageExamples(images), 8);
    expect(batches.map(({ examples: n }) => n)).toEqual([8, 8, 4]);
    expect(batches.flatMap(({ labels }) => [...labels])).toEqual([...images.labels]);
  });
});
