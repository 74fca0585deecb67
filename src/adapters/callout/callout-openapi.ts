import { z } from 'zod'
import { Fleet, PoolRole } from '../../domain/fleet.ts'
import { ReplicaId, StampId } from '../../domain/ids.ts'
import { OPERATIONS, type Operation } from './callout-operations.ts'
import {
  ANYWHERE,
  AT_EFFECTS,
  PROBLEM_TYPE,
  PROBLEMS,
  Problem,
  type ProblemName,
} from './callout-problems.ts'
import * as shapes from './callout-shapes.ts'
import { SIGNATURE_HEADER } from './signature.ts'

type AnyOperation = Operation<unknown, unknown, ProblemName>

const NAMED = new Map<unknown, string>(
  Object.entries({ ...shapes, Fleet, Problem }).map(([name, shape]) => [shape, name]),
)
const COMPONENTS: ReadonlyMap<z.ZodType, string> = new Map(
  [...Object.values<AnyOperation>(OPERATIONS).flatMap(({ body, answer }) => [body, answer]), Problem].flatMap(
    (shape) => (shape ? [[shape, NAMED.get(shape) ?? ''] as const] : []),
  ),
)
const PARTS: Readonly<Record<string, z.ZodType>> = { replica: ReplicaId, stamp: StampId, role: PoolRole }

const SIGNATURE = `\`t=EPOCH_SECONDS,v1=HEX\`: an HMAC-SHA256 under the shared secret over \`EPOCH_SECONDS.METHOD\`, the path
below the base URL with its query, the Idempotency-Key (empty for a read) and the SHA-256 of the body in hex, with a line feed between.`

/** The contract as an OpenAPI 3.1 document, made of the operations and of the schemas that the adapter parses with. */
export function calloutOpenApi(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [operationId, operation] of Object.entries(OPERATIONS))
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: operationOf(operationId, operation),
    }
  const scheme = { type: 'apiKey', in: 'header', name: SIGNATURE_HEADER, description: SIGNATURE }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Restamp callout',
      version: '1',
      summary: 'What Restamp asks of an operator’s own control plane',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'https://{host}', variables: { host: { default: 'control-plane' } } }],
    security: [{ signature: [] }, { entra: [] }],
    tags: shapes.OFFERS.map((name) => ({ name, description: `Answered where \`offers\` names ${name}.` })),
    paths,
    components: {
      schemas: Object.fromEntries([...COMPONENTS].map(([shape, name]) => [name, schemaOf(shape)])),
      securitySchemes: {
        signature: scheme,
        entra: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
    },
  }
}

function operationOf(operationId: string, operation: AnyOperation): object {
  const { summary, offer, method, body } = operation
  return {
    operationId,
    summary,
    ...(offer ? { tags: [offer] } : {}),
    parameters: parametersOf(operation),
    ...(body ? { requestBody: { required: true, content: { 'application/json': reference(body) } } } : {}),
    responses: {
      200: { description: summary, content: { 'application/json': reference(operation.answer) } },
      ...(method === 'GET' ? {} : { 202: IN_BACKGROUND }),
      ...refusalsOf(operation),
    },
  }
}

const IN_BACKGROUND = {
  description:
    'Under way. A GET of the location answers 202 again, or what this request would have answered.',
  headers: {
    Location: { description: 'Below the base URL.', required: true, schema: { type: 'string' } },
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 0 } },
  },
}

function parametersOf({ path, query, method }: AnyOperation): object[] {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true },
    schema: schemaOf(PARTS[name] ?? z.string()),
  }))
  const searched = Object.entries(query?.shape ?? {}).map(([name, shape]) => ({
    ...{ name, in: 'query', required: true },
    schema: schemaOf(shape, 'output'),
  }))
  const key = {
    ...{ name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', minLength: 1 } },
    description: 'Names the effect; a repeat has the same one.',
  }
  return [...parts, ...searched, ...(method === 'GET' ? [] : [key])]
}

/** Problems by status, each with the types that it may have. */
function refusalsOf({ refusals, method }: AnyOperation): Record<string, object> {
  const names = [...refusals, ...ANYWHERE, ...(method === 'GET' ? [] : AT_EFFECTS)]
  const answers: Record<string, object> = {}
  for (const name of names) {
    const { status } = PROBLEMS[name]
    const here = names.filter((each) => PROBLEMS[each].status === status)
    const lines = here.map((each) => `\`${PROBLEM_TYPE}${each}\`: ${PROBLEMS[each].title}.`)
    const content = { 'application/problem+json': reference(Problem) }
    answers[status] = { description: lines.join(' '), content }
  }
  return answers
}

function reference(shape: z.ZodType): object {
  const name = COMPONENTS.get(shape)
  return { schema: name ? { $ref: `#/components/schemas/${name}` } : schemaOf(shape) }
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output' = 'input'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io })
  return schema
}
