import { Command } from 'commander'
import { type ClockSpeed, speedWords } from '../domain/clock-speed.ts'
import { connect, connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { moment } from './figures.ts'
import { speedOf } from './host.ts'
import { type CliIo, printJson } from './io.ts'

/** `clock`: what time it is on the host, and how fast it passes over a simulated region. */
export function createClockCommand(io: CliIo): Command {
  const command = new Command('clock')
    .description('what time it is on the host; over a simulated region also how fast it passes')
    .argument('[speed]', '`real`, `skip` to the next due moment, or how many times as fast', speedOf)
    .addHelpText('after', '\nExamples:\n  restamp clock\n  restamp clock 3600x\n  restamp clock skip')
  return withActOptions(command).action(async (speed: ClockSpeed | undefined, options: HostOptions) => {
    const view = speed
      ? await (await connectToAct(options, 'clock', io)).setClock(speed)
      : await (await connect(options, 'read')).me()
    if (options.json) return printJson(io, view)
    const pace = view.speed ? `; while a run is under way time passes ${speedWords(view.speed)}` : ''
    io.out(`${moment(view.nowMs)}${pace}\n`)
  })
}
