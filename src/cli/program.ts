import completion from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { createAuditCommand } from './audit.ts'
import { createBacktestCommand } from './backtest.ts'
import { createCalibrationCommands } from './calibration.ts'
import { createCalloutCommand } from './callout.ts'
import { createClockCommand } from './clock.ts'
import { createControlCommands } from './controls.ts'
import { createApproveCommand, createRejectCommand } from './decide.ts'
import { createDoctorCommand } from './doctor.ts'
import { createEmergencyCommands } from './emergencies.ts'
import { createForecastCommand } from './forecast.ts'
import { createHostCommand } from './host.ts'
import { createIncidentCommands } from './incidents.ts'
import { createInitCommand } from './init.ts'
import type { CliIo } from './io.ts'
import { createMcpCommand } from './mcp.ts'
import { createOrderCommands } from './orders.ts'
import { createPlanCommand } from './plan.ts'
import { createPlansCommand, createStatusCommand } from './plans.ts'
import { createProfilesCommand } from './profiles.ts'
import { createReadinessCommand } from './readiness.ts'
import { createRehearseCommand } from './rehearse.ts'
import { createReportCommand } from './report.ts'
import { createRightSizeCommand } from './right-size.ts'
import { createFiguresCommand } from './run-figures.ts'
import { createScanCommand } from './scan.ts'
import { createShadowCommand } from './shadow.ts'
import { createSignalsCommand } from './signals.ts'
import { createStampCommands } from './stamp-plans.ts'
import { createStartCommand } from './start.ts'
import { createTicketsCommand } from './tickets.ts'
import { createUpCommand } from './up-command.ts'
import { createWaitingCommand } from './waiting.ts'
import { createWatchCommand } from './watch.ts'
import { createWhatIfCommand } from './whatif.ts'

const AFTER = `
Exit codes:
  0  done
  1  it ran and the answer is no
  2  wrong usage or bad input
  3  something that it depends on failed

Examples:
  restamp up                           the worked example: a region, a plan, its rehearsal, and you approve
  restamp up --yes                     the same, approved by a second local user
  restamp signals node-cpu.csv.gz      average, Max and hot-node P95 of your own pools`

/** The whole command line. Nothing is read from the process but through `io`. */
export function createProgram(io: CliIo, version: string): Command {
  const program = new Command('restamp')
    .description('Moves tenants between deployment stamps, in phases, without anyone noticing.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError('(--help shows how)')
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHasColors: () => io.colors,
      getErrHasColors: () => io.colors,
    })
    .addHelpText('after', AFTER)
  for (const command of commandsOf(io, version)) program.addCommand(command.copyInheritedSettings(program))
  addCompletion(program)
  return program
}

function commandsOf(io: CliIo, version: string): Command[] {
  return [
    createUpCommand(io),
    createInitCommand(io),
    createSignalsCommand(io),
    createForecastCommand(io),
    createPlanCommand(io),
    createWhatIfCommand(io),
    createBacktestCommand(io),
    createShadowCommand(io),
    createScanCommand(io),
    createReadinessCommand(io),
    ...createIncidentCommands(io),
    ...createCalibrationCommands(io),
    createFiguresCommand(io),
    createPlansCommand(io),
    ...createStampCommands(io),
    createRightSizeCommand(io),
    createStartCommand(io),
    createWatchCommand(io),
    createWaitingCommand(io),
    createStatusCommand(io),
    createApproveCommand(io),
    createRejectCommand(io),
    ...createOrderCommands(io),
    ...createControlCommands(io),
    createTicketsCommand(io),
    createClockCommand(io),
    createRehearseCommand(io),
    createReportCommand(io),
    ...createEmergencyCommands(io),
    createAuditCommand(io),
    createDoctorCommand(io),
    createCalloutCommand(io),
    createHostCommand(io),
    createMcpCommand(io, version),
    createProfilesCommand(io),
  ]
}

/** `complete SHELL`, and what its script asks for at each Tab. */
function addCompletion(program: Command): void {
  completion(program)
  program.commands
    .find((command) => command.name() === 'complete')
    ?.description('print what makes Tab complete commands and options in your shell')
    .addHelpText('after', '\nExamples:\n  source <(restamp complete zsh)\n  source <(restamp complete bash)')
}
