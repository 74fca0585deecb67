import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ClockSpeed } from '../../src/domain/clock-speed.ts'
import type { Role } from '../../src/domain/principal.ts'
import { DecisionRequest, EvidenceView, Me, PlanList, Problem } from '../../src/messages/api.ts'
import { ClockRequest } from '../../src/messages/clock-api.ts'
import {
  anAuditPage,
  anAuditVerdict,
  aStamp,
  aWhatIf,
  comparedPolicy,
  someIncidents,
  somePolicies,
} from './other-views.ts'
import { aFleet, aFleetOf, START_MS, someSignals } from './worked-fleet.ts'
import {
  aPlan,
  aPlanOf,
  aPlanView,
  aReport,
  aStatus,
  PLAN_ID,
  REQUESTED_BY,
  type RunState,
} from './worked-plan.ts'

/** What the app sends with the page: nothing inline, nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const TOKEN = 'a-token-of-one-start'
export const SESSION_COOKIE = 'AppServiceAuthSession'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface Posted {
  readonly path: string
  readonly body: unknown
}

export interface FakeApi extends AsyncDisposable {
  /** The link to open, token and all. */
  readonly link: string
  readonly posted: readonly Posted[]
  state: RunState
  /** Whether a plan was made yet. */
  planned: boolean
  token: string
  /** While true, connections are dropped without an answer. */
  deaf: boolean
  switches: readonly unknown[]
  isAuditWhole: boolean
  speed: ClockSpeed | undefined
  /** The answer to the next POST instead of its effect. */
  refuseNext: Problem | null
}

interface Options {
  readonly folder: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly state?: RunState
  readonly planned?: boolean
  /** A fleet of so many registries, all of which the plan moves; that of the worked example where it is not said. */
  readonly registries?: number
  /** Behind the sign-in of App Service, which knows people by a cookie and sends all others away; else by a token. */
  readonly isBehindSignIn?: boolean
  /** The speed of a simulated region's time; where it is not said, time is the world's. */
  readonly speed?: ClockSpeed
}

/** The HTTP API as the dashboard sees it, with answers of the worked example, and the built page. */
export async function startFakeApi(options: Options): Promise<FakeApi> {
  const posted: Posted[] = []
  const api = {
    link: '',
    posted,
    state: options.state ?? { done: 0, status: 'awaitingApproval' as const },
    planned: options.planned ?? true,
    token: TOKEN,
    deaf: false,
    switches: [],
    isAuditWhole: true,
    refuseNext: null,
    speed: options.speed,
  }
  const startedMs = Date.now()
  const nowMs = () => START_MS + (Date.now() - startedMs)
  const server = createServer((request, response) => {
    if (api.deaf) request.socket.destroy()
    else void answer({ ...options, api: fake, posted, nowMs: nowMs() }, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the fake API has no port')
  const fake: FakeApi = Object.assign(api, {
    link: options.isBehindSignIn
      ? `http://restamp.localhost:${address.port}/dashboard/`
      : `http://127.0.0.1:${address.port}/dashboard#token=${TOKEN}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
  return fake
}

interface Asked extends Options {
  readonly api: FakeApi
  readonly posted: Posted[]
  readonly nowMs: number
}

async function answer(asked: Asked, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (!url.pathname.startsWith('/api/v1/')) return sendFile(asked.folder, url.pathname, response)
  if (!isKnown(asked, request)) {
    if (asked.isBehindSignIn)
      return void response.writeHead(302, { location: 'https://login.example/' }).end()
    return send(response, 401, problem(401, 'Who are you?', 'no token or a foreign one'))
  }
  const path = url.pathname.slice('/api/v1'.length)
  if (request.method === 'POST') {
    const body: unknown = JSON.parse(await text(request))
    // What an approver looks at is no act: it is neither counted nor refused.
    if (path.endsWith('/evidence')) return send(response, 201, anEvidence(asked.nowMs))
    asked.posted.push({ path, body })
    const refused = asked.api.refuseNext
    if (!refused) return send(response, path === '/plans' ? 201 : 202, afterPost(asked, path, body))
    asked.api.refuseNext = null
    return send(response, refused.status, refused)
  }
  const found = getAnswer(asked, path, url.searchParams)
  if (found === undefined) return send(response, 404, problem(404, 'Not found', `nothing is at ${path}`))
  send(response, 200, found)
}

function isKnown({ api, isBehindSignIn }: Asked, { headers }: IncomingMessage): boolean {
  if (!isBehindSignIn) return headers.authorization === `Bearer ${api.token}`
  return headers.authorization === undefined && headers.cookie === `${SESSION_COOKIE}=${api.token}`
}

function getAnswer(asked: Asked, path: string, query: URLSearchParams): unknown {
  const { api, nowMs, registries } = asked
  const status = aStatus(api.state, nowMs)
  switch (path) {
    case '/me':
      return Me.parse({ principal: { name: asked.name, roles: asked.roles }, nowMs, speed: api.speed })
    case '/fleet':
      return registries ? aFleetOf(registries) : aFleet(nowMs)
    case '/switches':
      return { switches: api.switches }
    case '/signals':
      return someSignals(query.get('stamp') ?? '', query.get('pool') ?? '', Number(query.get('hours')))
    case '/plans':
      return PlanList.parse({ plans: api.planned ? [aPlanLine(api.state)] : [] })
    case `/plans/${PLAN_ID}`:
      return registries
        ? { ...aPlanView(api.state, nowMs), plan: aPlanOf(registries) }
        : aPlanView(api.state, nowMs)
    case `/plans/${PLAN_ID}/status`:
      return status
    case `/plans/${PLAN_ID}/report`:
      return aReport()
    case '/stamps/weu-a':
      return aStamp()
    case '/incidents':
      return someIncidents(query.get('all') === '1')
    case '/policies':
      return somePolicies()
    case `/audit/${PLAN_ID}`:
      return anAuditPage(Number(query.get('after')))
    case `/audit/${PLAN_ID}/verification`:
      return anAuditVerdict(api.isAuditWhole)
    default:
      return undefined
  }
}

function anEvidence(atMs: number): EvidenceView {
  const { id, digest, pools } = aPlan()
  return EvidenceView.parse({
    digest: 'e'.repeat(64),
    evidence: {
      planId: id,
      digest,
      atMs: Math.round(atMs),
      rehearsal: {
        ...{ status: 'passed', words: 'all moves landed', digest: 'f'.repeat(64) },
        faults: [{ fault: 'signal-gap', outcome: 'safe', words: 'the batch did not pass' }],
      },
      run: 'awaitingApproval',
      verdicts: [],
      pools: pools.map(({ stamp, pool }) => ({ stamp, pool, state: 'active', hotNodeP95: 21 })),
      astray: [],
    },
  })
}

function aPlanLine(state: RunState): unknown {
  const { id, region, customer, verdict, moves, requestedBy, madeAtMs } = aPlan()
  const status = state.status ?? 'notStarted'
  return { id, region, customer, verdict, moves: moves.length, requestedBy, madeAtMs, status }
}

function afterPost({ api, nowMs }: Asked, path: string, body: unknown): unknown {
  if (path === '/what-if') return aWhatIf()
  if (path === '/policies/compare') return comparedPolicy(body)
  if (path === '/plans') {
    api.planned = true
    api.state = { done: 0, status: null }
    return aPlanView(api.state, nowMs)
  }
  if (path.endsWith('/start')) api.state = { done: 0, status: 'awaitingApproval' }
  if (path === '/clock') api.speed = ClockRequest.parse(body).speed
  if (path === '/switches') api.switches = [{ ...Object(body), by: 'amira', atMs: Math.round(nowMs) }]
  if (path.endsWith('/hold')) api.state = { ...api.state, status: 'held' }
  if (path.endsWith('/decisions')) {
    const { gates } = DecisionRequest.parse(body)
    api.state = { ...api.state, status: 'observing', approved: gates }
  }
  return {}
}

export function problem(status: number, title: string, detail: string, allowed?: string[]): Problem {
  return Problem.parse({ type: 'about:blank', title, status, detail, ...(allowed ? { allowed } : {}) })
}

/** What the server says to an approver who asked for the plan. */
export function requesterRefused(): Problem {
  return problem(
    403,
    'Not yours to decide',
    `${REQUESTED_BY} asked for this plan and so may not decide on it; ask another approver`,
  )
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
}

async function sendFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const inside =
    path === '/dashboard' || path === '/dashboard/' ? 'index.html' : path.replace('/dashboard/', '')
  const headers = {
    'content-type': TYPES[extname(inside)] ?? 'application/octet-stream',
    'content-security-policy': CONTENT_SECURITY_POLICY,
  }
  try {
    const content = await readFile(join(folder, inside))
    response.writeHead(200, headers).end(content)
  } catch {
    response.writeHead(404).end()
  }
}
