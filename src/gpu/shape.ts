/** The struct `Shape` of the shaders as bytes. */

const WORDS = [
  ..."words rowParts colParts paddedOutputs outputs tilesAt slotsAt idsAt".split(" "),
  ..."rowTable columnTable constantStride scaleAt accumulate extras rowIdsAt slots".split(" "),
  ..."sigma variance levels bound perValue step irDrop inputLevels".split(" "),
  ..."inputs gather groupsAt rowsAt readNoise firstSlot sumsAt sumsPlane".split(" "),
];
const FLOATS = new Set("sigma variance levels bound perValue step irDrop inputLevels".split(" "));

/** Fields that are left out are 0. */
export function shapeWords(fields: Readonly<Record<string, number>>): Uint32Array {
  const words = new Uint32Array(WORDS.length);
  const floats = new Float32Array(words.buffer);
  WORDS.forEach((name, i) => {
    const value = fields[name] ?? 0;
    if (FLOATS.has(name)) floats[i] = value;
    else words[i] = value;
  });
  return words;
}
