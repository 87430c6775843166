/**
 * Building blocks of the file schemas.
 *
 * A schema object is the one source of both the JSON Schema that files are checked with and the
 * TypeScript type that the program uses (`Static`), so the two cannot drift.
 */
import { type Static, type TObject, type TProperties, type TSchema, Type } from "typebox";

/** How well a constant is known, strongest first. */
export const EVIDENCE = [
  "published",
  "measured",
  "derived",
  "peer",
  "recalled",
  "assumed",
] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** A closed object: unknown fields are errors. `note` is the place for comments. */
export const record = <T extends TProperties>(properties: T) =>
  Type.Object(
    { ...properties, note: Type.Optional(Type.String()) },
    { additionalProperties: false },
  );

/** A closed object that carries physical constants, and says where they come from. */
export const sourced = <T extends TProperties>(properties: T) =>
  record({
    ...properties,
    source: Type.String({
      minLength: 1,
      description: "Citation, or what the value is derived from",
    }),
    evidence: Type.Enum(EVIDENCE, {
      description: "How well the constants of this block are known",
    }),
  });

/**
 * A union told apart by its `kind` field.
 *
 * Written with the `discriminator` keyword, so that a wrong field yields one issue about the
 * chosen kind and not one for every kind there is.
 */
export const oneOfKinds = <T extends TObject[]>(...variants: T) =>
  Type.Unsafe<Static<T[number]>>({
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: variants,
  });

/** A value, or null where there is none. */
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A count of things: a whole number >= 1. */
export const count = (description: string, maximum = 1e9) =>
  Type.Integer({ minimum: 1, maximum, description });

/** A count that may be zero. */
export const countOrZero = (description: string, maximum = 1e9) =>
  Type.Integer({ minimum: 0, maximum, description });

/** A quantity > 0. */
export const positive = (description: string, maximum = 1e15) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description });

/** A quantity >= 0. */
export const nonNegative = (description: string, maximum = 1e15) =>
  Type.Number({ minimum: 0, maximum, description });

/** A share of one. */
export const fraction = (description: string) =>
  Type.Number({ minimum: 0, maximum: 1, description });

/** A resolution in bits. */
export const bits = (description: string, maximum = 16) =>
  Type.Integer({ minimum: 1, maximum, description });

export const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, description });
