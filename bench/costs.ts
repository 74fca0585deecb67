import { setTimeout as pause } from 'node:timers/promises'
import { eventTypeNames } from '../src/host/history.ts'
import { PlanView, StatusView } from '../src/messages/api.ts'
import { workedExample } from '../src/twin/worked-example.ts'
import { WORKED_CUSTOMER, WORKED_REGION } from '../src/twin/worked-example-fleet.ts'
import { startTestApp, type TestApp } from '../test/support/test-app.ts'
import { counted, countedPorts, countInvocations, Tally } from './cost-parts/counted-calls.ts'
import { PRICES } from './cost-parts/prices.ts'

// What Restamp costs on Azure, from counted calls: the worked example runs on the embedded host, from scan to report, with every
// call to a port, every record and every message of an orchestration counted for the function that it was made for.
const SEED = 1
const RUN_MS_MAX = 900_000
const MONTH_HOURS = 730
const INSTANCE_GB = 2
/** The least time that an execution on demand is billed for. */
const BILLED_SECONDS_MIN = 1
const TIMERS = [
  { name: 'reconcile', perMonth: MONTH_HOURS * 60 },
  { name: 'sweepRuns', perMonth: MONTH_HOURS * 12 },
  { name: 'remindPeople', perMonth: MONTH_HOURS * 4 },
  { name: 'measureNow', perMonth: MONTH_HOURS * 4 },
  { name: 'measureFigures', perMonth: MONTH_HOURS },
]
const SCANS_PER_MONTH = (MONTH_HOURS / 6) | 0
const SCAN = ['scan-region', 'scanOnce', 'reportDue']
const RUN_HTTP = ['startRun', 'decide']
const NOT_OF_A_RUN = new Set([
  ...SCAN,
  ...TIMERS.map(({ name }) => name),
  'scanRegions',
  'rehearse',
  'rehearsePlan',
])

countInvocations((type) => eventTypeNames.get(type))
const app = await startTestApp({
  files: workedExample({ seed: SEED, metered: false }),
  ports: countedPorts,
  watched: { gauges: { publish: async () => {} } },
  // A scan is asked for below; two weeks of them would only be the same again.
  settings: { SCAN_SCHEDULE: '0 0 0 1 1 *', SWEEP_SCHEDULE: '30 0 * * * *' },
  reconcile: '0 0 * * * *',
})
const moves = await runToEnd(app)
await app.stop()
printMoves(moves)
printMonth()

async function runToEnd(app: TestApp): Promise<number> {
  await app.ask('operator', 'POST', 'scans', { region: WORKED_REGION })
  const made = await app.ask('operator', 'POST', 'plans', {
    customer: WORKED_CUSTOMER,
    region: WORKED_REGION,
  })
  const { plan } = PlanView.parse(made.body)
  const look = async () => StatusView.parse((await app.ask('reader', 'GET', `plans/${plan.id}/status`)).body)
  const untilMs = performance.now() + RUN_MS_MAX
  let isStarted = false
  for (;;) {
    if (performance.now() > untilMs) throw new Error('the run did not end in time')
    if (!isStarted) {
      const { status } = await app.ask('operator', 'POST', `plans/${plan.id}/start`, { digest: plan.digest })
      isStarted = status === 202
      await pause(50)
      continue
    }
    const { run, batches } = await look()
    if (run?.status.kind === 'completed') return plan.moves.length
    if (run?.status.kind === 'held' || run?.status.kind === 'aborted')
      throw new Error(`the run stands at ${JSON.stringify(run.status)}`)
    if (run?.status.kind === 'awaitingApproval') {
      const gates = batches.filter(({ state }) => state === 'waiting').map(({ gate }) => gate)
      const answer = { digest: plan.digest, gates, answer: 'approve', reason: 'counted' }
      await app.ask('approver', 'POST', `plans/${plan.id}/decisions`, answer)
    }
    await pause(100)
  }
}

/** Sums of several functions. */
function sumOf(names: readonly string[]): Tally {
  const sum = new Tally()
  for (const name of names) {
    const tally = counted().get(name)
    if (!tally) continue
    sum.times += tally.times
    sum.actions += tally.actions
    sum.requestUnits += tally.requestUnits
    for (const [call, times] of tally.calls) sum.calls.set(call, (sum.calls.get(call) ?? 0) + times)
  }
  return sum
}

function callsTo({ calls }: Tally, prefix: string): number {
  return [...calls].filter(([call]) => call.startsWith(prefix)).reduce((sum, [, times]) => sum + times, 0)
}

function printMoves(moves: number): void {
  const names = [...counted()].flatMap(([name, { kind }]) => {
    const isOfRun = kind === 'http' ? RUN_HTTP.includes(name) : !NOT_OF_A_RUN.has(name)
    return isOfRun ? [name] : []
  })
  const run = sumOf(names)
  say(`# Per move: ${moves} moves in one plan, two weeks of observation among them`)
  say('| what | whole run | per move |')
  say('| --- | --- | --- |')
  for (const [what, amount] of amountsOf(run))
    say(`| ${what} | ${round(amount)} | ${round(amount / moves)} |`)
  const records = (run.requestUnits / 1e6) * PRICES.cosmosPerMillionUnits
  say(
    `| records, at ${PRICES.cosmosPerMillionUnits} dollars a million RU | $${records.toFixed(4)} | $${(records / moves).toFixed(5)} |`,
  )
  const calls = (callsTo(run, 'metrics.cpu') / 1000) * PRICES.metricsPerThousandCalls
  say(`| metrics, were none of the calls free | $${calls.toFixed(4)} | $${(calls / moves).toFixed(5)} |`)
  say('')
}

function amountsOf(tally: Tally): [string, number][] {
  return [
    ['scheduler actions', tally.actions],
    ['executions of functions', tally.times],
    ['record reads', callsTo(tally, 'records.read') + callsTo(tally, 'records.list')],
    ['record writes', callsTo(tally, 'records.create') + callsTo(tally, 'records.replace')],
    ['request units (reckoned by size)', tally.requestUnits],
    ['catalog calls', callsTo(tally, 'catalog.')],
    ['metric calls (a scale set and day each)', callsTo(tally, 'metrics.cpu')],
    ['log queries', callsTo(tally, 'metrics.load') + callsTo(tally, 'traffic.residue')],
    ['routing calls', callsTo(tally, 'traffic.') - callsTo(tally, 'traffic.residue')],
    ['capacity calls', callsTo(tally, 'capacity.')],
  ]
}

function printMonth(): void {
  const scan = sumOf(SCAN)
  const scans = counted().get('scan-region')?.times ?? 1
  const rows = TIMERS.map(({ name, perMonth }) => ({
    name,
    perMonth,
    tally: sumOf([name]),
    times: counted().get(name)?.times ?? 1,
  }))
  const all = [...rows, { name: 'scan', perMonth: SCANS_PER_MONTH, tally: scan, times: scans }]
  say('# Per month and region of three stamps, without a plan')
  say('| work | times a month | actions | RU | metric calls | log queries | routing calls |')
  say('| --- | --- | --- | --- | --- | --- | --- |')
  let units = 0
  for (const { name, perMonth, tally, times } of all) {
    const monthly = (amount: number) => round((amount / times) * perMonth)
    units += (tally.requestUnits / times) * perMonth
    const queries = callsTo(tally, 'metrics.load') + callsTo(tally, 'traffic.residue')
    const routing = callsTo(tally, 'traffic.') - callsTo(tally, 'traffic.residue')
    say(
      `| ${name} | ${round(perMonth)} | ${monthly(tally.actions)} | ${monthly(tally.requestUnits)} | ${monthly(callsTo(tally, 'metrics.cpu'))} | ${monthly(queries)} | ${monthly(routing)} |`,
    )
  }
  printBill(units)
}

function printBill(units: number): void {
  const executions = TIMERS.reduce((sum, { perMonth }) => sum + perMonth, 0)
  const bill: [string, number][] = [
    ['one instance always ready, 2 GB', MONTH_HOURS * 3600 * INSTANCE_GB * PRICES.flexAlwaysReadyPerGbSecond],
    [
      'timers on demand, at the least time that is billed',
      executions * BILLED_SECONDS_MIN * INSTANCE_GB * PRICES.flexOnDemandPerGbSecond +
        (executions / 1e6) * PRICES.flexPerMillionExecutions,
    ],
    ['records', (units / 1e6) * PRICES.cosmosPerMillionUnits],
    ['seven alert rules on logs', 7 * PRICES.logAlertEveryFiveMinutes],
    ['one alert rule on a scale set of ten nodes', 10 * PRICES.metricAlertPerSeries],
    ['four private endpoints, where there is a network', 4 * MONTH_HOURS * PRICES.privateEndpointPerHour],
  ]
  say('')
  say(`| a month (list prices of ${PRICES.asOf}) | dollars |`)
  say('| --- | --- |')
  for (const [what, dollars] of bill) say(`| ${what} | ${dollars.toFixed(2)} |`)
  const price = PRICES.schedulerPerMillionActions
  say(`| scheduler actions | ${price === null ? 'not known here: counted above' : 'see prices.ts'} |`)
}

function round(amount: number): string {
  return amount >= 10 ? Math.round(amount).toLocaleString('en') : amount.toFixed(1)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
