import { describe, expect, test } from "vitest";
import { deviceModel, devices } from "../../src/numerics/devices/index.ts";
import { device, mean, normals } from "./support.ts";

const SPECS = {
  ideal: {},
  pcm: {},
  "hermes-1-device": {},
  "hermes-2-device": {},
  "pcm-column-cubic": {},
  "state-independent": {},
  "reram-wan2022": {},
  "reram-cmo": {},
  gaussian: { sigma_frac: 0.05 },
  polynomial: { g_max_uS: 20, sigma_coefficients_uS: [0.2, 1], drift_exponent_mean: 0.05 },
} as const satisfies Record<keyof typeof devices, object>;
const modelOf = (kind: keyof typeof devices, scale = 1, more = {}) =>
  deviceModel(device({ kind, ...SPECS[kind], ...more }), scale);
const kinds = Object.keys(devices) as (keyof typeof devices)[];
const AGES_S: Partial<Record<keyof typeof devices, number[]>> = {
  "reram-wan2022": [1, 86400, 172800],
};

describe.each(kinds)("%s", (kind) => {
  const model = modelOf(kind);
  const span = model.gMax_uS - model.gMin_uS;
  const targets = Array.from({ length: 21 }, (_, i) => model.gMin_uS + (span * i) / 20);

  test("programming sigma is never negative, and the noise scale multiplies it", () => {
    const louder = modelOf(kind, 2.5);
    for (const g of targets) {
      const sigma = model.programmingSigma_uS(g);
      expect(sigma).toBeGreaterThanOrEqual(0);
      expect(louder.programmingSigma_uS(g)).toBeCloseTo(2.5 * sigma, 9);
    }
  });

  test("a draw of 0 programs the target; noise scale 0 programs it whatever the draw", () => {
    const quiet = modelOf(kind, 0);
    for (const g of targets.slice(1)) {
      expect(model.program(g, 0)).toBeCloseTo(g, 6);
      expect(quiet.program(g, 3)).toBeCloseTo(g, 6);
    }
  });

  test("never a negative conductance of a device, never NaN, at any age and draw", () => {
    for (const age_s of AGES_S[kind] ?? [1e-9, 1, 3600, 3.2e7, 1e12])
      for (const g of targets)
        for (const z of [-6, -1, 0, 1, 6]) {
          const written = model.program(g, z);
          const now = model.ageing?.(age_s)(g, written, z, -z) ?? written;
          expect(Number.isFinite(now)).toBe(true);
          if (model.encoding !== "signed") expect(now).toBeGreaterThanOrEqual(0);
        }
  });
});

describe("figures of the literature", () => {
  /** Programming sigma over the largest weight, in %, at |w| / max. */
  const percent = (kind: keyof typeof devices, share: number) => {
    const model = modelOf(kind);
    return (100 * model.programmingSigma_uS(share * model.gMax_uS)) / model.gMax_uS;
  };

  // Published-facts A3; derived there from the published polynomials.
  test.each([
    ["pcm-column-cubic", [0.1, 0.25, 0.5, 0.75, 1], [3.1, 4.35, 4.69, 5.5, 10.67]],
    ["pcm", [0, 0.1, 0.25, 0.5, 0.75, 1], [1.05, 1.79, 2.73, 3.81, 4.31, 4.22]],
    ["hermes-2-device", [0, 0.1, 0.25, 0.5, 0.75, 1], [0.8, 2.69, 4.29, 4.79, 4.41, 5.28]],
    ["hermes-1-device", [0, 0.1, 0.25, 0.5, 0.75, 1], [1.52, 3.57, 5.94, 8.36, 9.42, 9.73]],
  ] as const)("%s: programming noise in %% of the largest weight", (kind, shares, figures) => {
    shares.forEach((share, i) => {
      expect(Math.abs(percent(kind, share) - figures[i]!)).toBeLessThan(0.0051);
    });
  });

  test("column cubic: weights below 0.6 of 180 are left at zero, exactly", () => {
    const { program } = modelOf("pcm-column-cubic");
    expect(program(0.59, 2)).toBe(0);
    expect(program(-0.59, 2)).toBe(0);
    expect(program(0.61, 2)).not.toBe(0);
  });

  // AIHWKIT's read noise grows by sqrt(ln): 4.18 right away, 5.64 after a year.
  test("pcm: read noise over time", () => {
    const sigma = (age_s: number) => {
      const { ageing } = modelOf("pcm", 1, { drift_scale: 0 });
      return ageing!(age_s)(10, 10, 0, 1) - 10;
    };
    expect(sigma(3.1536e7) / sigma(1e-9)).toBeCloseTo(5.64 / 4.18, 2);
  });

  test("reram-wan2022: spread grows from 1 s to 1 day", () => {
    const spread = (age_s: number) => modelOf("reram-wan2022").ageing!(age_s)(20, 20, 1, 0) - 20;
    expect(spread(86400)).toBeGreaterThan(spread(1));
  });
});

describe("drift", () => {
  test.each([
    "pcm",
    "hermes-1-device",
    "hermes-2-device",
    "state-independent",
    "polynomial",
  ] as const)("%s: without noise conductance falls with age, and never rises", (kind) => {
    const model = modelOf(kind, 0, { read_scale: 0 });
    let before = model.gMax_uS / 2;
    for (const age_s of [1, 60, 3600, 86400, 3.2e7]) {
      const now = model.ageing!(age_s)(model.gMax_uS / 2, model.gMax_uS / 2, 0.3, 0);
      expect(now).toBeLessThan(before);
      before = now;
    }
  });

  test("exponents of pcm at mid conductance: mean 0.049 and spread 0.008 within 2 %", () => {
    const ageing = modelOf("pcm", 0, { read_scale: 0 }).ageing!(20 * Math.E - 20);
    const exponents = normals(40000, 80).map((z) => -Math.log(ageing(12.5, 12.5, z, 0) / 12.5));
    expect(mean(exponents) / 0.049).toBeCloseTo(1, 2);
    const spread = Math.sqrt(mean(exponents.map((nu) => (nu - 0.049) ** 2)));
    // sigma(q = 0.5) = clamp(0.0125 ln 2 - 0.0059) = 0.008.
    expect(spread / 0.008).toBeGreaterThan(0.985);
    expect(spread / 0.008).toBeLessThan(1.015);
  });
});
