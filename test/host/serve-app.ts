// Runs an app folder in a process of its own, for tests that kill it. Prints one line of JSON once it answers.
import { hostAppFolder } from '../../src/host/app-folder.ts'

const [dir = '.', options = '{}'] = process.argv.slice(2)
const host = await hostAppFolder(dir, {
  port: 0,
  ...JSON.parse(options),
  log: ({ level, message }) => {
    if (level === 'error' || level === 'critical') process.stderr.write(`${message}\n`)
  },
  onBroken: (error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`)
    process.exit(3)
  },
})
process.stdout.write(
  `${JSON.stringify({ baseUrl: host.baseUrl, systemKey: host.systemKey, keys: { master: host.masterKey, function: host.functionKey } })}\n`,
)
process.once('SIGTERM', () => void host.stop().then(() => process.exit(0)))
