// Records runs of the present version for test/orchestrations/upgrades.test.ts, which replays them for ever after:
// npm run record-histories -- [--anew]. What is there is left as it is; --anew is for a version that was never deployed.
import { parseArgs } from 'node:util'
import { isRecorded, presentVersion, writeHistories } from '../test/support/histories.ts'
import { record, STORIES } from '../test/support/recorded-runs.ts'

const { values } = parseArgs({ options: { anew: { type: 'boolean', default: false } } })
const version = presentVersion()
for (const [name, story] of Object.entries(STORIES)) {
  if (isRecorded(version, name) && !values.anew) {
    process.stdout.write(`${version}/${name}: recorded before, left as it is\n`)
    continue
  }
  const histories = await record(story)
  writeHistories(version, name, histories)
  process.stdout.write(`${version}/${name}: ${histories.length} orchestrations\n`)
}
process.exit(0)
