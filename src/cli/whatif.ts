import { Command } from 'commander'
import { z } from 'zod'
import type { Supposition } from '../domain/what-if.ts'
import { type WhatWouldBe, whatWouldBe } from '../domain/what-would-be.ts'
import { CliError } from './cli-error.ts'
import { change, percent } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { type ReadRegion, readRegion } from './region-files.ts'
import { parsedOptions, RegionOptions, withRegionOptions } from './region-options.ts'
import { table } from './table.ts'

const NODES_MAX = 1000
const FACTOR_MAX = 100
const Texts = z.array(z.string()).default([])
const Options = RegionOptions.extend({
  policy: z.string().optional(),
  move: Texts,
  addStamp: Texts,
  resize: Texts,
  lose: Texts,
  traffic: Texts,
})

/** `restamp whatif`: what a region would show had its last day been otherwise, and what would then be planned. */
export function createWhatIfCommand(io: CliIo): Command {
  const more = (value: string, before: string[] = []) => [...before, value]
  const command = new Command('whatif')
    .summary('what a region would show if something were otherwise')
    .description(
      'Works out what each pool would have shown on the last day of the files had something been otherwise, and what would\nthen be planned. Nothing is started. Each option may be given several times.',
    )
    .option('--move <registry=stamp>', 'a registry lives on another stamp', more)
    .option('--add-stamp <new=like>', 'a new, idle stamp that is built like another', more)
    .option('--resize <stamp/pool=nodes>', 'a pool has another number of nodes', more)
    .option('--lose <name>', 'a stamp, or all stamps of a fault domain, are gone', more)
    .option('--traffic <factor>', 'more or less traffic, such as 1.5, or of one customer: contoso=1.5', more)
    .option('--policy <file>', 'policy.json (default: the built-in policy)')
    .addHelpText(
      'after',
      `
Examples:
  restamp whatif --fleet fleet.json --cpu cpu.csv.gz --load load.csv.gz --move contoso01=weu-02
  restamp whatif --fleet fleet.json --cpu cpu.csv.gz --load load.csv.gz --lose fd-1 --traffic 1.5

Exit codes: 0 no pool would be hot; 1 one would be, or something can't be; 2 wrong usage or bad input.`,
    )
  return withRegionOptions(command).action(async (given: unknown) => {
    const options = parsedOptions(Options, given)
    const suppositions = suppositionsOf(options)
    if (suppositions.length === 0)
      throw new CliError(
        'nothing is supposed; give --move, --add-stamp, --resize, --lose or --traffic',
        EXIT.usage,
      )
    const region = await readRegion(io, options)
    const found = known(region, suppositions)
    if (options.json) printJson(io, found)
    else io.out(show(found))
    if (found.problems.length > 0 || found.pools.some(({ hot }) => hot)) io.exit(EXIT.no)
  })
}

function suppositionsOf(options: z.infer<typeof Options>): Supposition[] {
  return [
    ...options.addStamp.map((text): Supposition => {
      const [stamp, like] = halves('--add-stamp', text, 'new=like')
      return { kind: 'add', stamp, like }
    }),
    ...options.resize.map((text): Supposition => {
      const [place, nodes] = halves('--resize', text, 'stamp/pool=nodes')
      const [stamp = '', role = ''] = place.split('/')
      return { kind: 'resize', stamp, role, nodes: number('--resize', nodes, NODES_MAX, z.int().min(1)) }
    }),
    ...options.lose.map((name): Supposition => ({ kind: 'lose', name })),
    ...options.move.map((text): Supposition => {
      const [registry, to] = halves('--move', text, 'registry=stamp')
      return { kind: 'move', registry, to }
    }),
    ...options.traffic.map((text): Supposition => {
      const [customer, factor] = text.includes('=')
        ? halves('--traffic', text, 'customer=factor')
        : [null, text]
      return { kind: 'traffic', customer, factor: number('--traffic', factor, FACTOR_MAX, z.number().min(0)) }
    }),
  ]
}

function halves(option: string, text: string, form: string): [string, string] {
  const [left = '', right = '', ...rest] = text.split('=')
  if (left === '' || right === '' || rest.length > 0)
    throw new CliError(`${option}: found "${text}", expected ${form}`, EXIT.usage)
  return [left, right]
}

function number(option: string, text: string, most: number, schema: z.ZodNumber): number {
  const parsed = schema.max(most).safeParse(/^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN)
  if (parsed.success) return parsed.data
  throw new CliError(`${option}: found "${text}", expected a number up to ${most}`, EXIT.usage)
}

function known({ data, policy }: ReadRegion, suppositions: readonly Supposition[]): WhatWouldBe {
  try {
    return whatWouldBe(data, suppositions, { policy, askedBy: 'restamp whatif' })
  } catch (error) {
    // What is unknown to the region was wrong usage of the command.
    if (error instanceof RangeError) throw new CliError(error.message, EXIT.usage)
    throw error
  }
}

function show({ pools, moves, problems, plan }: WhatWouldBe): string {
  const rows = pools.map(({ stamp, pool, now, wouldBe, hot }) => [
    stamp,
    pool,
    percent(now),
    wouldBe === null ? 'gone' : percent(wouldBe),
    now === null || wouldBe === null ? '' : change(wouldBe - now, 'points'),
    hot ? 'hot' : '',
  ])
  return [
    table(['stamp', 'pool', '>hot-node P95', '>would be', '>change', ''], rows),
    ...moves.map(({ registry, from, to }) => `  ${registry} from ${from} to ${to}\n`),
    ...problems.map((words) => `  Problem: ${words}\n`),
    `  Then planned: ${plan.verdict}. ${plan.reason}\n`,
  ].join('')
}
