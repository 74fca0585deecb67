import { Command } from 'commander'
import { PlanRequest } from '../messages/api.ts'
import { type AutonomyList, AutonomyRequest } from '../messages/autonomy-api.ts'
import { CliError } from './cli-error.ts'
import { connect, connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { moment } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { showMoves, showPlan } from './show-plan.ts'
import { table } from './table.ts'

/** Commands that change how much people are asked: an emergency's plan, and autonomy. */
export function createEmergencyCommands(io: CliIo): Command[] {
  return [createEmergencyCommand(io), createAutonomyCommand(io)]
}

interface EmergencyOptions extends HostOptions {
  readonly region?: string
  readonly customer?: string
  readonly stamp?: string
}

function createEmergencyCommand(io: CliIo): Command {
  const command = new Command('emergency')
    .description(
      'plan with hard limits only: no window, no budget; routine plans give way at a batch’s border',
    )
    .option('--customer <name>', 'plan for this customer (default: whoever needs it)')
    .option('--stamp <id>', 'plan for this stamp')
    .option('--region <name>', 'region, where the fleet has several')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp emergency --stamp weu-a\n\nIts gates are answered like any other’s. Exit codes: 0 done; 1 nothing can be moved.',
    )
  return withActOptions(command).action(async (options: EmergencyOptions) => {
    const { region, customer, stamp } = options
    const request = PlanRequest.safeParse({ region, customer, stamp, urgency: 'emergency' })
    if (!request.success)
      throw new CliError(
        'Plan for a customer or for a stamp: name --customer or --stamp, not both',
        EXIT.usage,
      )
    const view = await (await connectToAct(options, 'planEmergency', io)).makePlan(request.data)
    if (options.json) printJson(io, view)
    else io.out(showPlan(view) + showMoves(view.plan))
    if (view.plan.moves.length === 0) io.exit(EXIT.no)
    else if (!options.json)
      io.out(`Once its rehearsal has passed, start it with: restamp start ${view.plan.id}\n`)
  })
}

const STEPS = { ask: 'asked', confirm: 'confirmed', withdraw: 'withdrawn' } as const

interface AutonomyOptions extends HostOptions {
  readonly reason?: string
}

function createAutonomyCommand(io: CliIo): Command {
  const command = new Command('autonomy')
    .description(
      'show which phases open their own gates; ask for it, confirm it as a second person, or withdraw it',
    )
    .argument('[step]', 'ask, confirm (somebody else than who asked) or withdraw')
    .argument('[region]', 'a region')
    .argument('[phase]', 'tail, medium or top')
    .option('--reason <words>', 'why; needed for each step')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp autonomy\n  restamp autonomy ask westeurope tail --reason "ten quiet weeks"\n  restamp autonomy confirm westeurope tail --reason "seen them" --as approver',
    )
  return withActOptions(command).action(
    async (
      step: string | undefined,
      region: string | undefined,
      phase: string | undefined,
      options: AutonomyOptions,
    ) => {
      if (step === undefined) return show(io, options, await (await connect(options, 'read')).autonomy())
      const body = requestOf({ step, region, phase, reason: options.reason })
      const client = await connectToAct(options, body.step === 'confirmed' ? 'decide' : 'hold', io)
      show(io, options, await client.stepAutonomy(body))
    },
  )
}

function requestOf(given: Readonly<Record<'step' | 'region' | 'phase' | 'reason', string | undefined>>) {
  const known = Object.entries(STEPS).find(([name]) => name === given.step)
  if (!known) throw new CliError(`"${given.step}" is no step; expected ask, confirm or withdraw`, EXIT.usage)
  const request = AutonomyRequest.safeParse({ ...given, step: known[1] })
  if (request.success) return request.data
  throw new CliError(`Say \`${given.step} REGION tail|medium|top --reason "..."\``, EXIT.usage)
}

function show(io: CliIo, options: HostOptions, list: AutonomyList): void {
  const rows = list.levels.map(({ region, phase, level, last }) => [
    ...[region, phase, level],
    last ? `${last.step} by ${last.by} at ${moment(last.atMs)}: ${last.reason}` : '',
  ])
  if (options.json) printJson(io, list)
  else io.out(table(['region', 'phase', 'level now', 'last step'], rows))
}
