import { fileURLToPath } from 'node:url'
import { createLocalUsers, LocalIdentity } from '../../src/adapters/local/local-users.ts'
import { registerApp } from '../../src/app.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { hasEnded, type RunStatus } from '../../src/domain/run.ts'
import type { HostClock } from '../../src/host/host.ts'
import { type FaultCounts, SeededFaults, startTestHost, type TestHost } from '../../src/host/testkit.ts'
import { KeptNotifications } from '../support/kept-notifications.ts'
import { NO_PROVISIONING } from '../support/no-provisioning.ts'
import { listenWithoutSockets } from '../support/without-sockets.ts'
import type { Entry } from './model-journal.ts'
import { ModelMetrics } from './model-metrics.ts'
import { ModelAnchors, ModelRecords } from './model-records.ts'
import { ModelRegion } from './model-region.ts'
import { Rules } from './model-rules.ts'
import { BEGINS_MS, type Setup, SWEEP_MS } from './model-setup.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NEVER = '0 0 0 1 1 *'
const SWEEPS = `30 */${SWEEP_MS / 60_000} * * * *`
/** So slow that nothing passes by itself: only leaps move this clock. */
const STANDING = { rate: 1e-9 }
/** Traces tell the rules nothing, and each replay reads them. */
const UNTRACED = {
  AzureFunctionsJobHost__extensions__durableTask__tracing__distributedTracingEnabled: 'false',
}
const PAST_MS = 26 * 3_600_000
const ORIGIN = 'http://127.0.0.1:1'

/** The whole app over a modelled world, on a host that crashes, with rules that listen to all that happens. */
export class ModelRun {
  readonly setup: Setup
  readonly region: ModelRegion
  readonly metrics: ModelMetrics
  readonly records: ModelRecords
  readonly rules: Rules
  readonly host: TestHost
  readonly anchors: ModelAnchors
  readonly answers = new Map<number, number>()
  readonly #users: ReturnType<typeof createLocalUsers>
  readonly #clock: Clock
  readonly #faults: CountedFaults
  killsInMidStep = 0

  private constructor(parts: {
    readonly setup: Setup
    readonly region: ModelRegion
    readonly metrics: ModelMetrics
    readonly records: ModelRecords
    readonly rules: Rules
    readonly host: TestHost
    readonly anchors: ModelAnchors
    readonly users: ReturnType<typeof createLocalUsers>
    readonly clock: Clock
    readonly faults: CountedFaults
  }) {
    this.setup = parts.setup
    this.region = parts.region
    this.metrics = parts.metrics
    this.records = parts.records
    this.rules = parts.rules
    this.host = parts.host
    this.anchors = parts.anchors
    this.#users = parts.users
    this.#clock = parts.clock
    this.#faults = parts.faults
  }

  static async start(setup: Setup, seed: number): Promise<ModelRun> {
    const clock = new Clock()
    const nowMs = () => clock.nowMs()
    const heard: { rules?: Rules } = {}
    const tell = (entry: Entry, atMs: number) => {
      heard.rules?.heard(entry, atMs)
      if (entry.kind !== 'write' || entry.collection !== 'moves') return
      const move = records.of('moves', entry.id)
      if (move) region.recorded(move)
      if (move?.outcome?.kind === 'done' && move.direction === 'forward') metrics.moved(move.to, atMs)
    }
    const records = new ModelRecords(nowMs, tell)
    const region = new ModelRegion(setup.fleet, nowMs, tell)
    const beginsMs = BEGINS_MS - PAST_MS
    const metrics = new ModelMetrics({ fleet: setup.fleet, region, nowMs, beginsMs })
    const rules = new Rules({ documents: records, region, setup })
    heard.rules = rules
    for (const plan of setup.plans) await recordPlan(records, plan)
    const anchors = new ModelAnchors()
    const users = createLocalUsers()
    const { catalog, traffic, capacity } = region
    const interlocks = { between: async () => region.interlocks }
    const ports = { catalog, traffic, capacity, metrics, records, clock, interlocks }
    const faults = new CountedFaults(seed, () => rules.isMoving())
    const host = await startTestHost({
      appDir: ROOT,
      startAtMs: BEGINS_MS,
      clock: STANDING,
      listen: listenWithoutSockets,
      settings: { SCAN_SCHEDULE: NEVER, SWEEP_SCHEDULE: SWEEPS, ...UNTRACED },
      faults,
      load: (started) => {
        clock.follow(started.clock)
        registerApp({
          ...{ ports, anchors, policies: { '*': setup.policy }, identity: new LocalIdentity(users) },
          provisioning: NO_PROVISIONING,
          rehearse: () => Promise.reject(new Error('plans of the model are rehearsed before')),
          pages: { read: async () => undefined },
          notifications: new KeptNotifications(),
        })
      },
    })
    return new ModelRun({ setup, region, metrics, records, rules, host, anchors, users, clock, faults })
  }

  get nowMs(): number {
    return this.#clock.nowMs()
  }

  get faultCounts(): FaultCounts {
    return this.#faults.counts
  }

  get kills(): number {
    return this.#faults.inMidStep + this.killsInMidStep
  }

  status(plan: Plan): RunStatus | undefined {
    return this.records.of('runs', plan.id)?.status
  }

  isUnderWay(plan: Plan): boolean {
    const status = this.status(plan)
    return status !== undefined && !hasEnded(status)
  }

  token(user: string): string {
    return this.#users.find(({ name }) => name === user)?.token ?? user
  }

  /** Whether all of a plan has moved and passed, or it has ended. */
  isReporting(plan: Plan): boolean {
    return !this.isUnderWay(plan) || this.records.of('runs', plan.id)?.waiting?.kind === 'report'
  }

  /** What a person sends; undefined where a crash swallowed the answer. */
  async ask(user: string, path: string, body: object): Promise<number | undefined> {
    const sent = path.endsWith('/start') ? body : { reason: 'the model says so', ...body }
    const answer = await this.host.ask({
      method: 'POST',
      url: new URL(`${ORIGIN}/api/v1/${path}`),
      headers: {
        host: '127.0.0.1',
        authorization: `Bearer ${this.token(user)}`,
        'content-type': 'application/json',
      },
      body: new TextEncoder().encode(JSON.stringify(sent)),
    })
    const status = answer?.status ?? 0
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1)
    return answer?.status
  }

  async pass(ms: number): Promise<void> {
    await this.host.leapTo(this.#clock.nowMs() + ms)
    // A reconciler that can't read the switches repairs nothing.
    if (ms >= 60_000 && !this.records.unreadable) this.rules.reconciled(this.nowMs)
  }

  async crash(): Promise<void> {
    if (this.rules.isMoving()) this.killsInMidStep += 1
    await this.host.crash()
  }
}

/** The app's clock: what was seen once is never taken back, whatever a crash lost of the host's. */
class Clock {
  #seenMs = BEGINS_MS
  #host: HostClock | undefined

  follow(host: HostClock): void {
    this.#host = host
  }

  nowMs(): number {
    this.#seenMs = Math.max(this.#seenMs, this.#host?.nowMs() ?? 0)
    return this.#seenMs
  }
}

/** Seeded faults that tell which of their kills came while a replica was being moved. */
class CountedFaults extends SeededFaults {
  inMidStep = 0
  readonly #isMoving: () => boolean

  constructor(seed: number, isMoving: () => boolean) {
    super(seed, { slowDiskMs: 0 })
    this.#isMoving = isMoving
  }

  override commit(phase: 'before' | 'after'): void {
    try {
      super.commit(phase)
    } catch (error) {
      if (this.#isMoving()) this.inMidStep += 1
      throw error
    }
  }
}

async function recordPlan(records: ModelRecords, plan: Plan): Promise<void> {
  const { id, digest, moves } = plan
  await records.create('plans', id, plan)
  await records.create('rehearsals', id, {
    ...{ planId: id, digest, status: 'passed', words: 'taken as passed', virtualMs: 0, pools: [] },
    ...{ movesDone: moves.length, movesPlanned: moves.length, atMs: BEGINS_MS },
  })
}
