import { Command } from 'commander'
import { z } from 'zod'
import { readMoves } from '../adapters/files/read-moves.ts'
import { type ReplayedDay, replay } from '../domain/replay.ts'
import { type HandMove, type ShadowedMoves, shadowMoves } from '../domain/shadow.ts'
import type { Shadow } from '../messages/replay-document.ts'
import { firstEnd } from './backtest.ts'
import { CliError } from './cli-error.ts'
import { moment, percent } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { type ReadRegion, readRegion } from './region-files.ts'
import { parsedOptions, RegionOptions, withRegionOptions } from './region-options.ts'
import { table } from './table.ts'

const Options = RegionOptions.extend({ policy: z.string().optional(), moves: z.string().optional() })

/** `restamp shadow`: what would have been proposed on one's own last weeks, and predicted for moves made by hand. */
export function createShadowCommand(io: CliIo): Command {
  const command = new Command('shadow')
    .summary('what would have been proposed on your own last weeks')
    .description(
      'Goes through recorded telemetry day by day and shows what would have been proposed by then. With --moves it predicts each\nmove that people made from the telemetry before it alone, and lays beside it what came. Nothing is started or kept.',
    )
    .option('--moves <file>', 'moves made by hand: timestamp,registry,from,to')
    .option('--policy <file>', 'policy.json (default: the built-in policy)')
    .addHelpText(
      'after',
      '\nThe homes in fleet.json are those of now, after all moves of --moves.\n\nExamples:\n  restamp shadow --fleet fleet.json --cpu cpu.csv.gz --load load.csv.gz --moves moves.csv',
    )
  return withRegionOptions(command).action(async (given: unknown) => {
    const options = parsedOptions(Options, given)
    const region = await readRegion(io, options, { cpu: 'all' })
    const { data, policy } = region
    const moves = options.moves === undefined ? [] : await readMoves(options.moves)
    for (const move of moves) checkMove(move, region)
    const days = replay(data, { policy, fromMs: firstEnd(data), toMs: data.nowMs, how: 'watches' })
    const byHand = shadowMoves(data, moves, policy)
    if (options.json) printJson(io, { proposals: days.map(proposalOf), moves: byHand.map(byHandOf) })
    else io.out(show(days, byHand))
  })
}

function checkMove({ registry, from, to }: HandMove, { data }: ReadRegion): void {
  const stamps =
    data.fleet.regions.find(({ name }) => name === data.region)?.stamps.map(({ id }) => String(id)) ?? []
  const isKnown = data.fleet.registries.some(({ name }) => name === registry)
  const unknown = [...(isKnown ? [] : [registry]), ...[from, to].filter((stamp) => !stamps.includes(stamp))]
  if (unknown.length > 0)
    throw new CliError(
      `--moves names ${unknown.join(', ')}, which ${data.region} does not have; mend the file`,
      EXIT.usage,
    )
}

function proposalOf({
  endMs,
  hot,
  plan,
}: ReplayedDay): Shadow['proposals'][number] & Pick<ReplayedDay['plan'], 'blocked'> {
  const { verdict, reason, moves, blocked } = plan
  return {
    at: new Date(endMs).toISOString(),
    hot,
    verdict,
    reason,
    moves: moves.map(({ registry, from, to }) => ({ registry, from, to })),
    blocked,
  }
}

function byHandOf({ atMs, moves, pools, problem }: ShadowedMoves): Shadow['moves'][number] {
  return {
    at: new Date(atMs).toISOString(),
    moves: moves.map(({ registry, from, to }) => ({ registry, from, to })),
    pools,
    problem,
  }
}

function show(days: readonly ReplayedDay[], byHand: readonly ShadowedMoves[]): string {
  const rows = days.map(({ endMs, hot, plan }) => [
    moment(endMs),
    hot.join(', ') || '-',
    plan.verdict,
    String(plan.moves.length),
    [...new Set(plan.moves.map(({ from, to }) => `${from} to ${to}`))].join(', ') || '-',
  ])
  const proposals = table(['by', 'hot', 'verdict', '>moves', 'way'], rows)
  if (byHand.length === 0) return proposals
  const pools = byHand.flatMap(({ atMs, pools: own, problem, moves }) =>
    problem === null
      ? own.map(({ stamp, pool, predicted, actual, inBand }) => [
          moment(atMs),
          stamp,
          pool,
          percent(predicted.hotNodeP95),
          `${predicted.low.toFixed(1)}..${predicted.high.toFixed(1)}`,
          percent(actual),
          inBand === null ? 'no data' : inBand ? 'in band' : 'missed',
        ])
      : [[moment(atMs), '', '', '', '', '', `${moves.length} moves: ${problem}`]],
  )
  return `${proposals}\nMoves made by hand\n${table(['moved', 'stamp', 'pool', '>predicted', '>band', '>actual', ''], pools)}${errorWords(byHand)}`
}

function errorWords(byHand: readonly ShadowedMoves[]): string {
  const known = byHand.flatMap(({ pools }) =>
    pools.flatMap(({ predicted, actual, inBand }) =>
      actual === null ? [] : [{ miss: actual - predicted.hotNodeP95, inBand }],
    ),
  )
  if (known.length === 0) return '  Nothing could be compared yet.\n'
  const mean = (of: (miss: number) => number) =>
    known.reduce((sum, { miss }) => sum + of(miss), 0) / known.length
  const held = known.filter(({ inBand }) => inBand).length
  return `  ${known.length} predictions compared: off by ${mean(Math.abs).toFixed(1)} points on average, bias ${mean((miss) => miss).toFixed(1)}, ${held} in their bands\n`
}
