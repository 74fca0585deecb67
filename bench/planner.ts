// npm run bench -- planner [optimum|gap|speed|csv|region ...]: how near plans are to the best, and what they cost. See docs/planner.md.
import { fileURLToPath } from 'node:url'
import { csv } from './planner-csv.ts'
import { gap } from './planner-gap.ts'
import { optimum } from './planner-optimum.ts'
import { region } from './planner-region.ts'
import { speed } from './planner-scale.ts'

const DATA = process.env.RESTAMP_DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
const PARTS = {
  optimum: () => optimum(DATA),
  gap: () => gap(),
  speed: () => {
    speed('metered')
    speed('estimated')
  },
  csv: () => csv(),
  region: () => region(),
} as const

const asked = process.argv.slice(2)
for (const [name, run] of Object.entries(PARTS)) if (asked.length === 0 || asked.includes(name)) await run()
