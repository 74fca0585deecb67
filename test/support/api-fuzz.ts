import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { type Schema, type Vocabulary, valuesOf } from './json-schema.ts'

interface Described {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}

/** An OpenAPI document as it is read: nothing of the app's code is used to judge it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface FuzzRequest {
  readonly operation: string
  readonly user: string
  readonly method: string
  readonly path: string
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

export interface FuzzAnswer {
  readonly status: number
  readonly type: string
  readonly body: unknown
}

/** Requests of one operation: as the document has them, and with something wrong. */
export function requestsOf(
  document: ApiDocument,
  { users, words }: { readonly users: readonly string[]; readonly words: readonly string[] },
): fc.Arbitrary<FuzzRequest> {
  const vocabulary = { schemas: document.components.schemas, words }
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) =>
      fc
        .record({
          user: fc.constantFrom(...users),
          parts: partsOf(described, 'path', vocabulary),
          query: partsOf(described, 'query', vocabulary),
          headers: headersOf(described, vocabulary),
          body: bodyOf(described, vocabulary),
        })
        .map(({ user, parts, query, body, headers }) => ({
          ...{ operation: described.operationId, user, method: method.toUpperCase(), body, headers },
          path: placed(path, parts, query),
        })),
    ),
  )
  return fc.oneof(...all)
}

function partsOf(
  { parameters }: Described,
  place: string,
  vocabulary: Vocabulary,
): fc.Arbitrary<Record<string, unknown>> {
  const own = parameters.filter((one) => one.in === place)
  const each = own.map(({ name, schema }) => [
    name,
    fc.oneof({ weight: 4, arbitrary: valuesOf(schema, vocabulary) }, fc.string()),
  ])
  return fc.record(Object.fromEntries(each), place === 'path' ? {} : { requiredKeys: [] })
}

/** Few keys, so that some come again: with the same request, and with another. */
function headersOf({ parameters }: Described, { words }: Vocabulary): fc.Arbitrary<Record<string, string>> {
  const own = parameters.filter((one) => one.in === 'header')
  const values = fc.constantFrom(
    'a',
    'b',
    'c',
    '*',
    'with a blank',
    ...words.filter((word) => /^[!-~]+$/.test(word)),
  )
  const type = fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain')
  return fc.record(
    Object.fromEntries([
      ...own.map(({ name }) => [name.toLowerCase(), values]),
      ['content-type', fc.oneof({ weight: 20, arbitrary: fc.constant('application/json') }, type)],
    ]),
    { requiredKeys: ['content-type'] },
  )
}

/** A part that is empty, or that a URL does not keep, is another. */
const partOf = (value: unknown) => (/^\.{0,2}$/.test(String(value)) ? '-' : encodeURIComponent(String(value)))

function placed(path: string, parts: Record<string, unknown>, query: Record<string, unknown>): string {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name) => partOf(parts[name]))
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return search.size > 0 ? `${place}?${search}` : place
}

const WRONG = fc.oneof(
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom('', '{', 'null', '[]', '{"__proto__":{"a":1}}', `{"reason":"${'x'.repeat(70_000)}"}`),
)

function bodyOf({ requestBody }: Described, vocabulary: Vocabulary): fc.Arbitrary<string | undefined> {
  const schema = requestBody?.content['application/json']?.schema
  if (!schema) return fc.constant(undefined)
  const valid = valuesOf(schema, vocabulary)
  const more = fc
    .tuple(valid, fc.string(), fc.jsonValue())
    .map(([value, name, extra]) => ({ ...Object(value), [name]: extra }))
  return fc.oneof(
    { weight: 6, arbitrary: valid.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: more.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: WRONG },
  )
}

/** What is wrong with an answer by the document; undefined where it is one of those that it describes. */
export function answerJudge(document: ApiDocument) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', ...document })
  const described = new Map(
    Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((one) => [one.operationId, one] as const),
    ),
  )
  return ({ operation }: FuzzRequest, { status, type, body }: FuzzAnswer): string | undefined => {
    if (status >= 500) return `it answered ${status}: ${JSON.stringify(body)}`
    const response = described.get(operation)?.responses[status]
    if (status === 304)
      return response && body === undefined ? undefined : '304 is not documented, or has a body'
    const content = response?.content
    if (!content) return `${status} is not documented`
    const [media = ''] = type.split(';')
    const schema = content[media]?.schema
    if (!schema) return `${status} came as ${media}, which is not documented`
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')))
    return validate(body) ? undefined : `${status} is not as documented: ${ajv.errorsText(validate.errors)}`
  }
}
