import { Command } from 'commander'
import { FIGURE_DAYS, type FiguresView } from '../messages/figures-api.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { moment } from './figures.ts'
import { type CliIo, printJson } from './io.ts'
import { table } from './table.ts'

type Figures = FiguresView['regions'][number]['figures']

/** `figures`: how plans did, from records. */
export function createFiguresCommand(io: CliIo): Command {
  const command = new Command('figures')
    .description(
      "how plans did: share of moves reversed, prediction error, tenants' errors per 1,000 moves, operator minutes per plan",
    )
    .option('--days <days>', 'over so many days up to now', String(FIGURE_DAYS))
    .addHelpText('after', '\nExamples:\n  restamp figures\n  restamp figures --days 90 --json')
  return withHostOptions(command).action(async (options: HostOptions & { readonly days: string }) => {
    const view = await (await connect(options, 'read')).figures(options.days)
    if (options.json) return printJson(io, view)
    const span = `${moment(view.sinceMs)} to ${moment(view.untilMs)}`
    return io.out(`${view.regions.map((one) => `${one.region}, ${span}\n${shown(one.figures)}`).join('\n')}`)
  })
}

function shown({ plans, runs, moves, ...figures }: Figures): string {
  const { prediction, tenantErrors, operator, gates } = figures
  const landed = `${moves.done} done, ${moves.failed} failed, ${moves.reversed} reversed, ${moves.underWay} under way`
  const { seen, expected, uncounted } = tenantErrors
  return table(
    ['figure', '>value', 'from'],
    [
      ['moves reversed', share(figures.reversedShare), `${plans} plans made, ${runs} run; moves: ${landed}`],
      ['prediction error', points(prediction.error), `${prediction.compared} pools compared`],
      [
        'prediction bias',
        points(prediction.bias),
        `truth less prediction; in band: ${share(prediction.inBand)}`,
      ],
      [
        'tenant errors per 1,000 moves',
        number(tenantErrors.perThousandMoves),
        `${number(seen)} seen, ${number(expected)} expected, over ${tenantErrors.moves} moves; ${uncounted} not counted`,
      ],
      [
        'operator minutes per plan',
        number(operator.minutesPerPlan),
        `estimated from ${operator.acts} acts in ${operator.sittings} sittings, ${operator.plans} plans`,
      ],
      [
        'minutes until a gate is answered',
        number(gates.meanMinutes),
        `${gates.answered} gates, the longest ${number(gates.longestMinutes)}`,
      ],
    ],
  )
}

function number(value: number | null, unit = ''): string {
  return value === null ? 'not known' : `${value.toFixed(1)}${unit}`
}

function points(value: number | null): string {
  return number(value, ' points')
}

function share(value: number | null): string {
  return value === null ? 'not known' : `${(value * 100).toFixed(1)} %`
}
