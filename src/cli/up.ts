import { type ClockSpeed, speedWords } from '../domain/clock-speed.ts'
import type { StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { refusal, samePerson } from '../domain/principal.ts'
import { hasEnded } from '../domain/run.ts'
import type { PlanView } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import { type Client, createClient } from './client.ts'
import { DEFAULT_STATE_DIR } from './connection.ts'
import { duration } from './figures.ts'
import { followRun } from './follow-run.ts'
import { untilLeaving } from './host.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { scanNow } from './scan.ts'
import { type User, userFor } from './session.ts'
import { showPlan } from './show-plan.ts'
import { showFaults } from './show-rehearsal.ts'
import { countMoves, showReport } from './show-report.ts'
import { showScan } from './show-scan.ts'
import { openHostLog, openStateFolder, type RegionFiles, workedExample } from './state-folder.ts'
import { settledReport, waitForRehearsal } from './up-waits.ts'

export interface UpOptions {
  /** The worked example where none are named. */
  readonly files?: RegionFiles
  readonly policy?: string
  readonly interlocks?: string
  readonly region?: string
  readonly customer?: string
  readonly stamp?: StampId
  readonly port: number
  readonly state: string
  readonly speed: ClockSpeed
  readonly fresh: boolean
  readonly beginAnew: boolean
  readonly yes: boolean
  readonly json: boolean
}

/** All that the conversation needs once the host is up. */
interface Talk {
  readonly options: UpOptions
  readonly io: CliIo
  readonly say: (text: string) => void
  readonly operator: Client
  readonly approver: Client
  readonly users: readonly User[]
  readonly baseUrl: string
  readonly startedMs: number
}

/** A whole migration as a conversation: everything after the host's start goes over its HTTP API. */
export async function runUp(options: UpOptions, io: CliIo): Promise<void> {
  const startedMs = io.nowMs()
  await openStateFolder(options.state, options.fresh ? 'fresh' : 'keep')
  const files = options.files ?? (await workedExample(options.state))
  const policy = options.policy ?? files.policy
  const debug = io.env.RESTAMP_DEBUG ? io.err : () => undefined
  const { startLocal } = await import('../local.ts')
  const broken = Promise.withResolvers<never>()
  const local = await startLocal({
    fleet: files.fleet,
    cpu: files.cpu,
    load: files.load,
    ...(policy ? { policy } : {}),
    ...(options.interlocks ? { interlocks: options.interlocks } : {}),
    ...(options.region ? { region: options.region } : {}),
    stateDir: options.state,
    port: options.port,
    beginAnew: options.beginAnew,
    speed: options.speed,
    env: io.env,
    log: openHostLog(options.state, debug),
    onBroken: broken.reject,
  })
  try {
    const { baseUrl, users } = local
    const clientOf = (user: User) => createClient({ baseUrl, token: async () => user.token })
    const say = options.json ? (text: string) => io.err(text) : (text: string) => io.out(text)
    const operator = clientOf(userFor(users, 'plan'))
    const approver = clientOf(userFor(users, 'decide'))
    // Why the host broke says more than what its API then answers.
    await Promise.race([
      talk({ options, io, say, operator, approver, users, baseUrl, startedMs }),
      broken.promise,
    ])
  } finally {
    await local.stop()
  }
}

async function talk(talk: Talk): Promise<void> {
  const { options, io } = talk
  greet(talk)
  const known = await planToGoOnWith(talk)
  const view = known ?? (await newPlan(talk))
  const { plan } = view
  if (plan.moves.length === 0 || plan.moves.some((move) => move.to === 'new')) return nothingToRun(talk, view)
  if (!view.status.run) await startRun(talk, view)

  if (!options.yes && !(view.status.run && hasEnded(view.status.run.status))) sayWhatNext(talk, plan.id)
  const { client, onGate } = options.yes
    ? { client: talk.approver, onGate: approveEach(talk, plan) }
    : { client: talk.operator, onGate: undefined }
  const end = await followRun({ client, planId: plan.id, io, say: talk.say, ...(onGate ? { onGate } : {}) })
  if (!end.run || !hasEnded(end.run.status)) return
  await tellReport(talk, plan.id)
  if (options.yes) return
  talk.say(
    `\nDone. The page stays at ${talk.baseUrl}/dashboard/; Ctrl-C stops the host, \`npm start -- --fresh\` begins anew.\n`,
  )
  await untilLeaving(io)
}

function greet({ say, users, baseUrl, options }: Talk): void {
  const requester = userFor(users, 'plan')
  const approver = userFor(users, 'decide')
  const link = (user: User) => `${baseUrl}/dashboard/#token=${user.token}`
  const speed = speedWords(options.speed)
  say(`Restamp runs at ${baseUrl}; while a run is under way time passes ${speed}\n`)
  say(`  sign in as ${requester.name}, who asks: ${link(requester)}\n`)
  say(`  sign in as ${approver.name}, who approves: ${link(approver)}\n\n`)
}

/** A plan that an earlier start left: an unfinished one goes on, a finished one is shown. */
async function planToGoOnWith({ operator, say }: Talk): Promise<PlanView | undefined> {
  const newest = (await operator.plans()).plans[0]
  if (!newest) return undefined
  const view = await operator.plan(newest.id)
  const { run } = view.status
  if (!run) {
    if (view.plan.moves.length === 0) return undefined
    say(`Going on with ${newest.id}, made before and not started yet.\n`)
  } else if (hasEnded(run.status)) {
    say(`${newest.id} has ended already (${run.status.kind}); begin anew with --fresh.\n\n`)
  } else say(`Going on with ${newest.id}, which was under way.\n\n`)
  return view
}

async function newPlan({ operator, io, say, options }: Talk): Promise<PlanView> {
  const { region, customer, stamp } = options
  for (const scan of await scanNow(operator, io, region)) say(`${showScan(scan)}\n`)
  const view = await operator.makePlan({
    ...(region ? { region } : {}),
    ...(customer ? { customer } : {}),
    ...(stamp ? { stamp } : {}),
  })
  say(`${showPlan({ ...view, rehearsal: null })}\n`)
  return view
}

async function nothingToRun({ options, io, say, baseUrl }: Talk, view: PlanView): Promise<void> {
  const { plan } = view
  if (options.json) printJson(io, view)
  if (plan.moves.length > 0)
    say(
      'This plan does not name the stamp that it needs, as plans of earlier versions did; make a new plan.\n',
    )
  if (plan.moves.length > 0 || plan.blocked.length > 0 || plan.verdict === 'insufficient-data')
    io.exit(EXIT.no)
  if (options.yes) return
  say(`There is nothing to move. The page stays at ${baseUrl}/dashboard/; Ctrl-C stops the host.\n`)
  await untilLeaving(io)
}

async function startRun({ operator, io, say, options }: Talk, { plan }: PlanView): Promise<void> {
  const seen = await waitForRehearsal(operator, io, plan.id)
  const { rehearsal } = seen
  say(`Rehearsal ${rehearsal.status}: ${rehearsal.words}\n`)
  if (rehearsal.status === 'failed') {
    if (options.json) printJson(io, seen)
    throw new CliError(
      `The rehearsal of ${plan.id} failed, so it was not started: ${rehearsal.words}`,
      EXIT.no,
    )
  }
  say(
    `  ${rehearsal.movesDone} of ${rehearsal.movesPlanned} moves in ${duration(rehearsal.virtualMs)} of virtual time\n`,
  )
  say(`${showFaults(rehearsal)}\n`)
  await operator.start(plan.id, plan.digest)
}

/** Approves each gate once, as it comes: the parts of other people, played by the local users who may. */
function approveEach({ users, baseUrl, say }: Talk, { id, digest, requestedBy }: Plan) {
  const answered = new Set<string>()
  const others = users.filter((user) => !refusal(user, 'decide') && !samePerson(user.name, requestedBy))
  return async (gate: string) => {
    if (answered.has(gate)) return
    answered.add(gate)
    for (const user of others) {
      const client = createClient({ baseUrl, token: async () => user.token })
      const batch = (await client.status(id)).batches.find((each) => each.gate === gate)
      // A decision from before the last stop is on record already; the run will find it.
      if (batch?.state !== 'waiting') return
      if (batch.approvedBy.some((name) => samePerson(name, user.name))) continue
      const reason = 'npm start -- --yes approves every gate'
      await client.decide(id, { digest, gates: [batch.gate], answer: 'approve', reason })
      say(`    ${gate} approved by ${user.name}\n`)
    }
  }
}

function sayWhatNext({ say, users, baseUrl, options }: Talk, planId: string): void {
  const where = options.state === DEFAULT_STATE_DIR ? '' : ` --state ${options.state}`
  const approver = userFor(users, 'decide')
  say('What to do next: approve the gates one by one, in the browser or here in another terminal.\n')
  say(`  open ${baseUrl}/dashboard/#token=${approver.token}\n`)
  say(`  or: npm run -s restamp -- approve ${planId}${where}\n`)
  say(`  slower or faster: npm run -s restamp -- clock 60x${where}\n`)
  say(
    `  hold, resume, rollback and abort work the same way; Ctrl-C stops the host, \`npm start\` goes on.\n\n`,
  )
}

async function tellReport({ operator, io, say, options, startedMs }: Talk, planId: string): Promise<void> {
  const report = await settledReport(operator, io, planId)
  say(`\n${showReport(report)}  real time: ${duration(io.nowMs() - startedMs)}\n`)
  if (options.json) printJson(io, report)
  const { repeated } = countMoves(report)
  if (repeated.length > 0) {
    throw new CliError(`Replicas were moved more than once: ${repeated.join(', ')}`, EXIT.no)
  }
  if (options.yes && report.status !== 'completed') io.exit(EXIT.no)
}
