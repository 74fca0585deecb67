import { z } from 'zod'
import { AuditEntry, AuditVerdict } from '../domain/audit.ts'
import { Calibration, Prediction } from '../domain/calibration.ts'
import { Controls } from '../domain/controls.ts'
import { Evidence } from '../domain/evidence.ts'
import { Forwarding } from '../domain/forwarding.ts'
import { RegionName, StampId } from '../domain/ids.ts'
import { Incident } from '../domain/incident.ts'
import { LoweringRecord } from '../domain/lowering.ts'
import { Figures, Plan } from '../domain/plan.ts'
import { Policy } from '../domain/policy.ts'
import { ProvisioningRecord } from '../domain/provisioning.ts'
import { RehearsalReport } from '../domain/rehearsal.ts'
import { Reminder } from '../domain/reminders.ts'
import { Decision, Evaluation, MoveRecord, Run } from '../domain/run.ts'
import { RunFigures } from '../domain/run-figures.ts'
import { PoolScan, Readiness, Scan } from '../domain/scan.ts'
import { Switch } from '../domain/switches.ts'
import { Ticket } from '../domain/ticket.ts'
import { WaitingFor } from '../domain/waiting.ts'
import { CommonAlert } from './alert.ts'
import * as api from './api.ts'
import * as autonomy from './autonomy-api.ts'
import { DoctorView } from './doctor-api.ts'
import * as figures from './figures-api.ts'
import * as needs from './needs-api.ts'
import { ANYWHERE, NoBody, type Operation, WITH_BODY } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { PROBLEM_TYPE, PROBLEMS, type ProblemName } from './problems.ts'
import * as stamps from './stamp-api.ts'
import * as tickets from './tickets-api.ts'

const COMPONENTS = '#/components/schemas/'
const PATH_PARTS: Readonly<Record<string, z.ZodType>> = {
  id: z.string().min(1),
  region: RegionName,
  stamp: StampId,
  pool: z.string().min(1),
  chain: z.string().min(1),
}
/** What has a name of its own in the document; all else is written out where it is used. */
const NAMED: readonly (readonly [z.ZodType, string])[] = Object.entries({
  ...{ ...api, ...autonomy, ...figures, ...needs, ...stamps, ...tickets, DoctorView, CommonAlert },
  ...{ AuditEntry, AuditVerdict, Calibration, Controls, Decision, Evaluation, Evidence, Figures, Forwarding },
  ...{ Incident, LoweringRecord, MoveRecord, Plan, PoolScan, Policy, Prediction, ProvisioningRecord },
  ...{ Readiness, RehearsalReport, Reminder, Run, RunFigures, Scan, Switch, Ticket, WaitingFor },
}).flatMap(([name, schema]) =>
  schema instanceof z.ZodType && name !== 'Reason' && name !== 'FiguresQuery'
    ? [[schema, name] as const]
    : [],
)

/** The API as an OpenAPI 3.1 document, made of its operations and of the schemas that requests and answers are parsed with. */
export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of Object.values<Operation>(OPERATIONS)) {
    const path = `/api/v1/${operation.path}`
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: described(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Restamp',
      version: '1',
      summary: 'Moves tenants between deployment stamps',
      description:
        'Each refusal is a problem document (RFC 9457); docs/api.md says what each type means and what to do.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'https://{host}', variables: { host: { default: 'restamp.example.com' } } }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of Entra ID; on one machine, of this start.',
        },
        signature: {
          ...{ type: 'apiKey', in: 'header', name: 'x-restamp-signature' },
          description: '`t=EPOCH_SECONDS,v1=HEX` over the body; see docs/tickets.md.',
        },
      },
    },
  }
}

function described(operation: Operation): object {
  const { name, summary, status, answer, proof } = operation
  return {
    ...{ operationId: name, summary },
    ...(proof ? { security: [{ signature: [] }] } : {}),
    parameters: [...pathParts(operation), ...queryParts(operation), ...headersOf(operation)],
    ...bodyOf(operation),
    responses: {
      [status]: {
        description: summary,
        content: { 'application/json': { schema: schemaOf(answer, 'output') } },
      },
      ...(operation.method === 'GET'
        ? { 304: { description: 'It is what the asker has already, by If-None-Match.' } }
        : {}),
      ...refusalsOf(operation),
    },
  }
}

function pathParts({ path }: Operation): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true },
    schema: schemaOf(PATH_PARTS[name] ?? z.string(), 'input'),
  }))
}

function queryParts({ query }: Operation): object[] {
  return Object.entries(query).map(([name, { schema, words, required = false }]) => ({
    ...{ name, in: 'query', required, description: words },
    schema: schemaOf(schema, 'input'),
  }))
}

function headersOf({ method, onStatus, proof }: Operation): object[] {
  const header = (name: string, description: string) => ({
    ...{ name, in: 'header', required: false, description },
    schema: { type: 'string', maxLength: 200 },
  })
  if (method === 'GET') return [header('If-None-Match', 'The ETag of what the asker has already.')]
  const key = header(
    'Idempotency-Key',
    'Sent again under the same key, a request does nothing and gets the answer that it got. Kept for 7 days on Azure.',
  )
  const status = header(
    'If-Match',
    'The ETag of the plan’s status that this is meant for; refused where it has changed.',
  )
  return [...(proof ? [] : [key]), ...(onStatus ? [status] : [])]
}

function bodyOf({ body }: Operation): object {
  if (body === NoBody) return {}
  const content = { 'application/json': { schema: schemaOf(body, 'input') } }
  return { requestBody: { required: true, content } }
}

/** Problems by status, each with the types that it may have. */
function refusalsOf(operation: Operation): Record<string, object> {
  const { refusals, method } = operation
  const names = [...new Set([...ANYWHERE, ...(method === 'POST' ? WITH_BODY : []), ...refusals])]
  const byStatus = Map.groupBy(names, (name) => PROBLEMS[name].status)
  const content = { 'application/problem+json': { schema: { $ref: `${COMPONENTS}Problem` } } }
  return Object.fromEntries(
    [...byStatus].map(([status, here]) => [status, { description: here.map(lineOf).join(' '), content }]),
  )
}

function lineOf(name: ProblemName): string {
  return `\`${PROBLEM_TYPE}${name}\`: ${PROBLEMS[name].title}.`
}

const names = new Map<unknown, string>(NAMED)

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const name = names.get(schema)
  return name ? { $ref: `${COMPONENTS}${name}` } : bare(z.toJSONSchema(schema, { io }))
}

/** Every named schema that is used: bodies as they may be sent, all others as they come. */
function schemas(): Record<string, object> {
  const operations = Object.values<Operation>(OPERATIONS)
  const bodies = writtenOut(
    operations.map(({ body }) => body).filter((body) => names.has(body)),
    'input',
  )
  const answers = writtenOut(
    [...NAMED.map(([schema]) => schema)].filter((schema) => !operations.some(({ body }) => body === schema)),
    'output',
  )
  const all = { ...bodies, ...answers }
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Those that are made of one another refer to each other. JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
function writtenOut(shapes: readonly z.ZodType[], io: 'input' | 'output'): Record<string, object> {
  const registry = z.registry<{ id: string }>()
  for (const schema of shapes) registry.add(schema, { id: names.get(schema) ?? '' })
  const uri = (id: string) => `${COMPONENTS}${id}`
  const { schemas: written } = z.toJSONSchema(registry, { io, uri })
  return Object.fromEntries(Object.entries(written).map(([name, schema]) => [name, bare(schema)]))
}

function bare(schema: object): object {
  const { $schema: _, $id: __, ...rest } = Object(schema)
  return rest
}
