import { describe, test } from "vitest";
import type { DeviceModel } from "../../../src/numerics/devices/device.ts";
import { hermesOneDevice, hermesTwoDevice } from "../../../src/numerics/devices/hermes.ts";
import { deviceModel } from "../../../src/numerics/devices/index.ts";
import { pcmStatistics } from "../../../src/numerics/devices/pcm.ts";
import {
  driftExponent,
  interpolatedExponents,
  type PhaseChangeStatistics,
  phaseChangeDevice,
} from "../../../src/numerics/devices/phase-change.ts";
import { stateIndependentStatistics } from "../../../src/numerics/devices/state-independent.ts";
import { device } from "../support.ts";
import { type Case, expectClose, named, readCases } from "./golden.ts";

const cases = readCases("15-noise-models-fixed-z.json");

/** Statistics of the phase-change models, by the beginning of the case's name. */
function statisticsOf(name: string, model: Case): PhaseChangeStatistics {
  if (name.startsWith("PCMLike")) return pcmStatistics(model.g_max);
  if (name.startsWith("StateIndependent")) return stateIndependentStatistics(model.g_max);
  if (name.startsWith("Hermes")) return model.num_devices === 1 ? hermesOneDevice : hermesTwoDevice;
  const { g_lst, nu_mean_lst, nu_std_lst } = model.custom_drift_model;
  return interpolatedExponents(pcmStatistics(model.g_max), g_lst, nu_mean_lst, nu_std_lst);
}

const phaseChange = cases.filter((c) => c.nu !== undefined);

describe.each(named(phaseChange))("%s", (name, c) => {
  const { prog_noise_scale: programming, read_noise_scale: read, drift_scale: drift } = c.model;
  const statistics = statisticsOf(name, c.model);
  const model = phaseChangeDevice(statistics, { programming, drift, read });

  test("programming", () => {
    expectClose(
      c.g_target.map((g: number) => model.program(g, c.z)),
      c.g_prog,
    );
  });

  test("drift exponents", () => {
    expectClose(
      c.g_target.map((g: number) => driftExponent(statistics, g, c.z, drift)),
      c.nu,
    );
  });

  test.each(Object.keys(c.g_after_drift_and_read))("drift and read at %s s", (age) => {
    const ageing = model.ageing!(Number(age));
    const now = c.g_target.map((g: number, i: number) => ageing(g, c.g_prog[i], c.z, c.z));
    expectClose(now, c.g_after_drift_and_read[age]);
  });
});

const reram = cases.filter((c) => c.nu === undefined);

describe.each(named(reram))("%s", (name, c) => {
  // The reference fits its coefficients for 40 uS and uses 25 uS as they are: a quirk that only
  // the explicit g_max reproduces. Our default is 40 uS.
  const model: DeviceModel = deviceModel(
    device(
      name.startsWith("ReRamCMO")
        ? { kind: "reram-cmo" }
        : { kind: "reram-wan2022", g_max_uS: c.model.g_max },
    ),
  );

  test("programming", () => {
    expectClose(
      c.g_target.map((g: number) => model.program(g, c.z)),
      c.g_prog,
    );
  });

  test.each(Object.keys(c.g_after).filter((age) => age !== "0"))("at %s s", (age) => {
    const ageing = model.ageing!(Number(age));
    const now = c.g_target.map((g: number, i: number) => ageing(g, c.g_prog[i], c.z, c.z));
    expectClose(now, c.g_after[age]);
  });

  test("age 0 is as programmed", () => {
    if (c.g_after["0"] === undefined) return;
    expectClose(
      c.g_target.map((g: number) => model.program(g, c.z)),
      c.g_after["0"],
    );
  });
});
