// Kills the real process at random moments of a run, starts it again each time, and compares what comes of it with a
// run that nobody disturbed: npm run kill-test -- [--kills 10] [--seed 1]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const FIRST_MS = 300
const LIFE_MAX_MS = 15 * 60_000
/** More kills than this in one run would all fall into its first seconds. */
const KILLS_A_ROUND = 10
const ROUNDS_MAX = 60
/** Figures are compared to a tenth: approvals come at other instants, so a minute more or less of drain may differ. */
const DIFFERENCE_MAX = 0.1

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const kills = Number(values.kills)
const random = createRandom(Number(values.seed))

const folder = mkdtempSync(join(tmpdir(), 'restamp-kill-'))
try {
  process.exitCode = await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main() {
  say(`seed ${values.seed}, ${kills} kills; first a run that nobody disturbs`)
  const startedMs = Date.now()
  const calm = await live(join(folder, 'calm'), LIFE_MAX_MS)
  if (calm.code !== 0) return fail(`the undisturbed run ended with code ${calm.code}`, calm.stderr)
  const tookMs = Date.now() - startedMs
  const wanted = outcomeOf(calm, join(folder, 'calm'))
  say(`  ${wanted.rebinds.size} replicas moved, once each, in ${(tookMs / 1000).toFixed(1)} s`)
  print(wanted)

  let killed = 0
  for (let round = 1; killed < kills && round <= ROUNDS_MAX; round += 1) {
    const state = join(folder, `round-${round}`)
    const { ended, times } = await disturbedRun(state, kills - killed, tookMs)
    killed += times.length
    say(
      `round ${round}: killed ${times.length} times, after ${times.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ')}`,
    )
    if (ended.code !== 0)
      return fail(`the run ended with code ${ended.code} after ${times.length} kills`, ended.stderr)
    const problems = compare(wanted, outcomeOf(ended, state))
    if (problems.length > 0) return fail('the disturbed run came to something else', problems.join('\n'))
    print(outcomeOf(ended, state))
  }
  if (killed < kills) return fail(`only ${killed} kills could be placed in ${ROUNDS_MAX} rounds`, '')
  say(
    `seed ${values.seed}: ${killed} kills; same final table, ${wanted.rebinds.size} moves, each exactly once`,
  )
  return 0
}

/** One run, killed again and again; each life is long enough on average that the run gets on between two kills. */
async function disturbedRun(state, killsLeft, tookMs) {
  const times = []
  const most = Math.min(KILLS_A_ROUND, killsLeft)
  const slice = tookMs / (most / 2 + 1)
  for (let life = 0; life < most; life += 1) {
    const afterMs = FIRST_MS + random() * slice
    const ended = await live(state, afterMs)
    if (ended.code !== null) return { ended, times }
    times.push(afterMs)
  }
  return { ended: await live(state, LIFE_MAX_MS), times }
}

/** Runs the real process until it ends, or kills it after so long; a killed one has no exit code. */
async function live(state, killAfterMs) {
  const args = [MAIN, 'up', '--yes', '--json', '--port', '0', '--state', state]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] += text
    })
  }
  const closed = new Promise((resolve) => child.on('close', (code) => resolve(code)))
  const timer = new AbortController()
  const late = pause(killAfterMs, 'late', { signal: timer.signal }).catch(() => 'ended')
  if ((await Promise.race([closed, late])) === 'late') child.kill('SIGKILL')
  timer.abort()
  return { ...said, code: await closed }
}

/** The final table, and how often each replica was really re-bound, read from the twin's own log of effects. */
function outcomeOf({ stdout }, state) {
  const { rows, moves, status } = JSON.parse(stdout)
  const done = moves.filter(({ direction, outcome }) => direction === 'forward' && outcome?.kind === 'done')
  const database = new DatabaseSync(join(state, 'twin.db'), { readOnly: true })
  const rebinds = new Map()
  for (const { body } of database.prepare('SELECT body FROM effects ORDER BY number').iterate()) {
    const effect = JSON.parse(body)
    if (effect.kind === 'rebind') rebinds.set(effect.replica, (rebinds.get(effect.replica) ?? 0) + 1)
  }
  database.close()
  return { rows, status, done: done.map(({ replica }) => replica).sort(), rebinds }
}

function compare(wanted, found) {
  const problems = []
  if (found.status !== wanted.status) problems.push(`status ${found.status}, expected ${wanted.status}`)
  if (found.done.join() !== wanted.done.join())
    problems.push(`${found.done.length} moves done, expected ${wanted.done.length}`)
  if (found.rebinds.size !== wanted.rebinds.size) problems.push(`${found.rebinds.size} replicas re-bound`)
  for (const [replica, times] of found.rebinds) {
    if (times !== 1) problems.push(`${replica} was re-bound ${times} times`)
  }
  for (const [at, row] of wanted.rows.entries()) {
    const other = found.rows[at]
    for (const when of ['before', 'after']) {
      for (const figure of ['hotNodeP95', 'poolAverage', 'max']) {
        const [a, b] = [row[when][figure], other?.[when][figure]]
        const same =
          a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= DIFFERENCE_MAX)
        if (!same) problems.push(`${row.stamp} ${row.pool} ${when} ${figure}: ${b}, expected ${a}`)
      }
    }
  }
  return problems
}

function print({ rows }) {
  for (const { stamp, pool, before, after } of rows) {
    say(
      `    ${stamp} ${pool}: hot-node P95 ${before.hotNodeP95?.toFixed(1)} -> ${after.hotNodeP95?.toFixed(1)}, Max ${before.max?.toFixed(1)} -> ${after.max?.toFixed(1)}`,
    )
  }
}

function fail(words, details) {
  say(`FAILED (seed ${values.seed}): ${words}\n${details.slice(-4000)}`)
  return 1
}

/** mulberry32: the same seed kills at the same moments. */
function createRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
