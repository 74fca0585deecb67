// Runs the worked example in this process under seeded faults, and compares each end with that of an undisturbed run:
// npm run fault-run -- [--seeds 20] [--seed 1]
import { parseArgs } from 'node:util'
import { FaultTally } from '../test/support/fault-tally.ts'
import { apart, exampleFaults, runExample, theExample, worthSeeing } from '../test/support/faulted-example.ts'

const options = { seeds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } }
const { values } = parseArgs({ options })
const first = Number(values.seed)
const seeds = Number(values.seeds)

const example = theExample()
const calm = await runExample(example)
say(`undisturbed: ${calm.status}, ${calm.once} replicas moved once each\n${calm.text}`)
const wanted = worthSeeing(calm)

const tally = new FaultTally()
const began = performance.now()
let crashes = 0
let apartMax = 0
let failed = 0
for (let seed = first; seed < first + seeds; seed += 1) {
  const faults = exampleFaults(seed)
  const problem = await runExample(example, { faults }).then(
    (end) => {
      crashes += end.crashes
      apartMax = Math.max(apartMax, apart(end, calm))
      return difference(worthSeeing(end), wanted)
    },
    (error) => String(error),
  )
  tally.add(faults.counts)
  const done = seed - first + 1
  if (problem !== undefined) {
    failed += 1
    say(`FAILED seed ${seed}, repeat with: npm run fault-run -- --seeds 1 --seed ${seed}\n${problem}`)
  }
  if (done % 5 === 0 || done === seeds)
    say(
      `${done} seeds, ${failed} failed, ${crashes} restarts, figures at most ${apartMax.toFixed(3)} apart, ${((performance.now() - began) / done / 1000).toFixed(1)} s a seed; ${tally}`,
    )
}
const missing = seeds >= 20 ? tally.missing() : []
if (missing.length > 0) say(`No fault of these kinds hit: ${missing.join(', ')}`)
say(
  failed === 0
    ? `${seeds} seeds: same final table, ${calm.once} moves, each exactly once`
    : `${failed} of ${seeds} seeds failed`,
)
process.exit(failed > 0 || missing.length > 0 ? 1 : 0)

function difference(found, expected) {
  const lines = found.flatMap((line, at) =>
    line === expected[at] ? [] : [`  found    ${line}\n  expected ${expected[at]}`],
  )
  return lines.length > 0 || found.length !== expected.length ? lines.join('\n') : undefined
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
