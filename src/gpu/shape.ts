/** The struct `Shape` of the shaders as bytes. */

const WORDS = [
  ..."words rowParts colParts paddedOutputs outputs tilesAt slotsAt idsAt".split(" "),
  ..."rowTable columnTable constantStride scaleAt accumulate extras rowIdsAt slots".split(" "),
  ..."sigma variance levels bound perValue step irDrop inputLevels".split(" "),
  ..."inputs gather groupsAt rowsAt readNoise partWords sumsAt sumsPlane".split(" "),
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

/** Fields that are the same wherever a matrix of one shape on one kind of crossbar is used. */
const FIXED = [
  ..."words rowParts colParts paddedOutputs partWords accumulate".split(" "),
  ..."sigma variance levels bound perValue step irDrop inputLevels readNoise".split(" "),
];

/** What `specialised` writes into a shader: part of its name. */
export const fixedFields = (
  fields: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(FIXED.map((name) => [name, fields[name] ?? 0]));

/**
 * Numbers in place of fields: compilers then write out loops, drop branches and overlap what is left.
 * On an H100 that makes a product by matrix instructions a sixth faster.
 */
export const specialised = (code: string, fixed: Readonly<Record<string, number>>): string =>
  code.replace(/\bshape\.(\w+)/g, (field, name: string) => {
    const value = fixed[name];
    if (value === undefined) return field;
    return FLOATS.has(name) ? `${Math.fround(value)}f` : `${value}u`;
  });
