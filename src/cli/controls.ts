import { Command, InvalidArgumentError } from 'commander'
import { SwitchSetting, switchWords } from '../domain/switches.ts'
import type { ObservationRequest, SwitchList } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import { connect, connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { progressLine } from './show-status.ts'

interface Reasoned extends HostOptions {
  readonly reason: string
}

/** Orders that say of what: a registry to leave out, an observation to change, the kill switches. */
export function createControlCommands(io: CliIo): Command[] {
  return [createSkipCommand(io), createObservationCommand(io), createSwitchCommand(io)]
}

function createSkipCommand(io: CliIo): Command {
  const command = new Command('skip')
    .description('leave one registry where it is; its batch goes on without it')
    .argument('<plan>', 'a plan id')
    .argument('<registry>', 'a registry of the plan that has not begun to move')
    .requiredOption('--reason <words>', 'why; it is kept with the run')
    .addHelpText('after', '\nExamples:\n  restamp skip plan-1a2b3c4d contoso --reason "they launch today"')
  return withActOptions(command).action(async (planId: string, registry: string, options: Reasoned) => {
    const view = await (await connectToAct(options, 'skip', io)).control(planId, 'skip', {
      registry,
      reason: options.reason,
    })
    if (options.json) printJson(io, view)
    else io.out(progressLine(view))
  })
}

function createObservationCommand(io: CliIo): Command {
  const command = new Command('observation')
    .description('make the present observation of a run longer, or end it')
    .argument('<plan>', 'a plan id')
    .argument('<set>', 'extend or end; to end it takes an approver who did not ask for the plan')
    .option('--hours <number>', 'by how much it is extended', hoursOf)
    .requiredOption('--reason <words>', 'why; it is kept with the run')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp observation plan-1a2b3c4d extend --hours 24 --reason "the weekend is no test"\n  restamp observation plan-1a2b3c4d end --reason "seen enough" --as approver',
    )
  return withActOptions(command).action(
    async (planId: string, set: string, options: Reasoned & { readonly hours?: number }) => {
      const body = observationOf(set, options)
      const client = await connectToAct(
        options,
        body.set === 'end' ? 'endObservation' : 'extendObservation',
        io,
      )
      const view = await client.control(planId, 'observation', body)
      if (options.json) printJson(io, view)
      else io.out(progressLine(view))
    },
  )
}

function observationOf(
  set: string,
  { hours, reason }: { readonly hours?: number; readonly reason: string },
): ObservationRequest {
  if (set === 'extend' && hours !== undefined) return { set, hours, reason }
  if (set === 'end' && hours === undefined) return { set, reason }
  throw new CliError('Say `extend --hours N` or `end`', EXIT.usage)
}

function hoursOf(text: string): number {
  const hours = Number(text)
  if (Number.isFinite(hours) && hours > 0) return hours
  throw new InvalidArgumentError('expected a number of hours above 0')
}

interface SwitchOptions extends HostOptions {
  readonly region?: string
  readonly reason?: string
}

function createSwitchCommand(io: CliIo): Command {
  const command = new Command('switch')
    .description('the kill switches: show them, or turn the one of a region or of everything')
    .argument(
      '[setting]',
      'noNewMoves (what is under way and every way back finish), freeze (no effect at all), off',
    )
    .option('--region <name>', 'of this region only (default: of everything)')
    .option('--reason <words>', 'why; needed to turn one')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp switch\n  restamp switch freeze --reason "an incident"\n  restamp switch off --region westeurope --reason "it is over"',
    )
  return withActOptions(command).action(async (given: string | undefined, options: SwitchOptions) => {
    if (given === undefined) return show(io, options, await (await connect(options, 'read')).switches())
    const setting = SwitchSetting.safeParse(given)
    if (!setting.success)
      throw new CliError(`"${given}" is no setting; expected noNewMoves, freeze or off`, EXIT.usage)
    if (options.reason === undefined) throw new CliError('Say why with --reason', EXIT.usage)
    const scope = options.region ?? '*'
    const turned = { scope, setting: setting.data, reason: options.reason }
    show(io, options, await (await connectToAct(options, 'switch', io)).turnSwitch(turned))
  })
}

function show(io: CliIo, options: HostOptions, list: SwitchList): void {
  const on = list.switches.filter(({ setting }) => setting !== 'off')
  if (options.json) printJson(io, list)
  else io.out(on.length > 0 ? `${on.map(switchWords).join('\n')}\n` : 'No kill switch is on.\n')
}
