// Writes the worked example's files: node examples/worked-example/generate.mjs [--out FOLDER] [--seed N] [--metered]
import { parseArgs } from 'node:util'
import { writeWorkedExample } from '../../src/twin/write-worked-example.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'worked-example' },
    seed: { type: 'string', default: '1' },
    // Adds cpu_seconds, as a platform that meters it would; without it attribution has to estimate.
    metered: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
if (!Number.isInteger(seed)) {
  process.stderr.write(`--seed ${values.seed}: expected a whole number\n`)
  process.exit(2)
}
const paths = await writeWorkedExample(values.out, { seed, metered: values.metered })
process.stderr.write(`${Object.values(paths).join('\n')}\n`)
