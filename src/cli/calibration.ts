import { Command } from 'commander'
import type { CalibrationView } from '../messages/needs-api.ts'
import { connect, connectToAct, type HostOptions, withActOptions, withHostOptions } from './connection.ts'
import { moment } from './figures.ts'
import { type CliIo, printJson } from './io.ts'
import { table } from './table.ts'

/** `calibration` and `accept-misses`: how predictions have done, and a person's word that misses were looked into. */
export function createCalibrationCommands(io: CliIo): Command[] {
  const show = (view: CalibrationView, options: HostOptions) =>
    options.json ? printJson(io, view) : io.out(view.regions.map(showRegion).join('\n'))
  const list = new Command('calibration')
    .description(
      'predicted against actual for each pool that plans have touched: error, bias, and misses in a row',
    )
    .addHelpText('after', '\nExamples:\n  restamp calibration\n  restamp calibration --json')
  const accept = new Command('accept-misses')
    .description('let the planner propose for a pool again after two predictions beyond their bands')
    .argument('<region>', 'the region of the pool')
    .argument('<stamp>', 'the stamp of the pool')
    .argument('<pool>', 'the role of the pool')
    .requiredOption('--reason <words>', 'why they were missed, as found out; it is kept with them')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp accept-misses westeurope weu-a dataproxy --reason "a customer doubled its builds that week"',
    )
  return [
    withHostOptions(list).action(async (options: HostOptions) =>
      show(await (await connect(options, 'read')).calibration(), options),
    ),
    withActOptions(accept).action(
      async (
        region: string,
        stamp: string,
        pool: string,
        options: HostOptions & { readonly reason: string },
      ) => {
        const client = await connectToAct(options, 'resume', io)
        show(await client.acceptMisses({ region, stamp, pool }, options.reason), options)
      },
    ),
  ]
}

function showRegion({ region, pools, predictions }: CalibrationView['regions'][number]): string {
  if (predictions.length === 0) return `${region}: no prediction has been compared yet.\n`
  const rows = pools.map((one) => [
    one.stamp,
    one.pool,
    String(one.compared),
    one.error.toFixed(1),
    one.bias.toFixed(1),
    `${one.inBand}/${one.compared}`,
    String(one.missesInARow),
  ])
  const titles = ['stamp', 'pool', '>compared', '>off by', '>bias', '>in band', '>misses in a row']
  const words = predictions.map(
    (one) => `  ${moment(one.madeAtMs)} ${one.planId} ${one.stamp} ${one.pool}: ${one.words}\n`,
  )
  return `${region}\n${table(titles, rows)}${words.join('')}`
}
