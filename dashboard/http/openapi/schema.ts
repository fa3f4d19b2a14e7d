/** Words in which the schemas of the API are written: JSON Schema 2020-12, as OpenAPI 3.1 takes it. */

export type Schema = { readonly [keyword: string]: unknown };

export type Properties = { readonly [name: string]: Schema };

export const text = { type: "string" };
export const number = { type: "number" };
export const integer = { type: "integer" };
export const flag = { type: "boolean" };
export const moment = { type: "string", format: "date-time" };

/** An object with all of these, and those of `optional` where they apply. */
export function object(properties: Properties, optional: Properties = {}): Schema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
  };
}

export function list(items: Schema): Schema {
  return { type: "array", items };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

export function either(...schemas: readonly Schema[]): Schema {
  return { anyOf: schemas };
}

export function oneOf(names: readonly (string | number)[]): Schema {
  return { enum: names };
}

export function mapOf(value: Schema): Schema {
  return { type: "object", additionalProperties: value };
}

/** One of the schemas that have a name. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}
