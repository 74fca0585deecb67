import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { type CalloutSettings, createCallout, placeOf } from '../adapters/callout/callout.ts'
import { ReplicaId, StampId } from '../domain/ids.ts'
import { ACCESS_CHECKS } from './callout-access-checks.ts'
import { type Check, type Checked, CheckFailed, checked, type UnderCheck } from './callout-check.ts'
import { bindingOf, goHome, type Round, roundChecks } from './callout-effects.ts'
import { PORT_CHECKS } from './callout-port-checks.ts'
import { CliError } from './cli-error.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { table } from './table.ts'

const SECRET = 'RESTAMP_CALLOUT_SECRET'
const ANSWERS = 'answers, and says what it offers'
const EXAMPLES = `
The secret that both sides hold comes from ${SECRET}. Without --effects nothing is changed.

Examples:
  restamp callout verify https://control-plane.example.com/restamp
  restamp callout verify http://127.0.0.1:8090 --effects web@westeurope --to weu-02`

interface VerifyOptions {
  readonly effects?: string
  readonly to?: string
  readonly json?: boolean
}

/** `restamp callout`: whether an operator's own control plane keeps the contract of docs/callout.md. */
export function createCalloutCommand(io: CliIo): Command {
  const verify = new Command('verify')
    .description('check a control plane against the contract of docs/callout.md; exit code 1 where it fails')
    .argument('<url>', 'its base URL')
    .option(
      '--effects <replica>',
      'also move this replica there and back: its clients go to another stamp for a while',
    )
    .option('--to <stamp>', 'where to, with --effects')
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: VerifyOptions) => {
      const results = await resultsOf(settingsOf(io, url), roundOf(options))
      const failed = results.filter(({ outcome }) => outcome === 'fails')
      if (failed.length > 0) io.exit(EXIT.no)
      if (options.json) return printJson(io, { holds: failed.length === 0, checks: results })
      const rows = results.map(({ name, outcome, found }) => [name, outcome, found])
      io.out(table(['check', 'outcome', 'found'], rows))
      const held = results.filter(({ outcome }) => outcome === 'holds').length
      io.out(`\n${held} of ${results.length} checks hold, ${failed.length} fail.\n`)
    })
  return new Command('callout').description('check a control plane of your own').addCommand(verify)
}

function settingsOf(io: CliIo, baseUrl: string): CalloutSettings {
  const secret = io.env[SECRET]
  if (!secret) throw new CliError(`${SECRET} is not set; set it to the secret of both sides`, EXIT.usage)
  const clock = { nowMs: () => io.nowMs() }
  return { baseUrl, auth: { kind: 'hmac', secret }, clock, pause: (ms) => io.pause(ms) }
}

function roundOf({ effects, to }: VerifyOptions): Round | undefined {
  if (effects === undefined && to === undefined) return undefined
  const [replica, stamp] = [ReplicaId.safeParse(effects), StampId.safeParse(to)]
  if (!replica.success || !stamp.success)
    throw new CliError('--effects REGISTRY@REGION and --to STAMP belong together; give both', EXIT.usage)
  return { replica: replica.data, to: stamp.data, key: `restamp-verify/${randomUUID()}` }
}

async function resultsOf(settings: CalloutSettings, round: Round | undefined): Promise<Checked[]> {
  const callout = createCallout(settings)
  const place = placeOf(settings)
  try {
    const capabilities = await callout.capabilities()
    const under = { callout, place, capabilities }
    const found = `${capabilities.name}: ${capabilities.offers.join(', ') || 'nothing'}`
    const results: Checked[] = [{ name: ANSWERS, outcome: 'holds', found }]
    for (const check of [...ACCESS_CHECKS, ...PORT_CHECKS]) results.push(await checked(check, under))
    return round ? [...results, ...(await resultsOfRound(under, round))] : results
  } catch (error) {
    return [
      { name: ANSWERS, outcome: 'fails', found: error instanceof Error ? error.message : String(error) },
    ]
  }
}

/** Ends at the first check that fails, and leads the replica home whatever happens. */
async function resultsOfRound(under: UnderCheck, round: Round): Promise<Checked[]> {
  const name = `${round.replica} can be moved to ${round.to}`
  if (!under.capabilities.offers.includes('catalog'))
    return [{ name, outcome: 'fails', found: 'it offers no catalog' }]
  const results: Checked[] = []
  const ask = async (check: Check) => {
    const result = await checked(check, under)
    results.push(result)
    return result.outcome !== 'fails'
  }
  const at: { home?: Awaited<ReturnType<typeof bindingOf>> } = {}
  const begin: Check = {
    ...{ name, offer: 'catalog' },
    run: async ({ callout }) => {
      at.home = await bindingOf(callout.catalog, round.replica)
      const { homeStamp, epoch } = at.home
      if (homeStamp === round.to) throw new CheckFailed(`it is at ${homeStamp} now; name another`)
      return `it is at ${homeStamp}, epoch ${epoch}`
    },
  }
  const { home } = (await ask(begin)) ? at : {}
  if (!home) return results
  for (const check of roundChecks(round, home)) {
    if (await ask(check)) continue
    const run = (again: UnderCheck) => goHome(again, round, home)
    await ask({ name: 'after that it is home again', offer: 'catalog', run })
    break
  }
  return results
}
