import fc from 'fast-check'

/** The part of JSON Schema that the API's document has. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

export interface Vocabulary {
  readonly schemas: Readonly<Record<string, Schema>>
  /** Texts that mean something where they are asked: ids, names, digests. */
  readonly words: readonly string[]
}

const NUMBER_MAX = 1e6

/** Values that a schema allows, as far as it is understood; a pattern may be missed, which is a test, too. */
export function valuesOf(schema: Schema, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  const { $ref, const: only, enum: some } = schema
  const inner = (one: Schema) => valuesOf(one, vocabulary)
  if ($ref) return inner(vocabulary.schemas[$ref.split('/').at(-1) ?? ''] ?? {})
  if (only !== undefined) return fc.constant(only)
  if (some) return fc.constantFrom(...some)
  const choice = schema.anyOf ?? schema.oneOf
  if (choice) return fc.oneof(...choice.map(inner))
  if (schema.allOf) return inner(schema.allOf[0] ?? {})
  switch (schema.type) {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, inner(one)])),
        { requiredKeys: [...(schema.required ?? [])] },
      )
    case 'array':
      return fc.array(inner(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 3 })
    case 'string':
      return textOf(schema, vocabulary)
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 1 })
  }
}

function textOf({ minLength = 0, maxLength = 40 }: Schema, { words }: Vocabulary): fc.Arbitrary<string> {
  const known = words.filter(({ length }) => length >= minLength && length <= maxLength)
  const any = fc.string({ minLength, maxLength: Math.min(maxLength, Math.max(minLength, 40)) })
  return known.length > 0 ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, any) : any
}

function numberOf({ type, minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = Math.max(-NUMBER_MAX, minimum ?? exclusiveMinimum ?? -NUMBER_MAX)
  const max = Math.max(min, Math.min(NUMBER_MAX, maximum ?? NUMBER_MAX))
  return type === 'integer'
    ? fc.integer({ min: Math.ceil(min), max: Math.floor(max) })
    : fc.double({ min, max, noNaN: true })
}
