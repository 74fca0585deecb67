import { z } from 'zod'
import { PoolRole } from '../../domain/fleet.ts'
import { CustomerName, RegionName, StampId } from '../../domain/ids.ts'
import type { NewStamp } from '../../ports/provisioning.ts'

const KEY = 'restamp-key'
const POOL = 'restamp-pool-'

const StampTags = z
  .object({
    [KEY]: z.string().min(1),
    'restamp-stamp': StampId,
    'restamp-region': RegionName,
    'restamp-customer': CustomerName,
  })
  .catchall(z.string())

/** `ROLE NODES like STAMP` */
const PoolTag = z.string().regex(/^[A-Za-z0-9-]{1,63} \d+ like [A-Za-z0-9-]{1,63}$/)

type Tags = Readonly<Record<string, string>> | null | undefined

/** All that was wanted of a stamp, as tags of its deployment and of its group: what is known of it outlives every process. */
export function tagsOf({ key, stamp, region, customer, pools }: NewStamp): Record<string, string> {
  return {
    [KEY]: key,
    'restamp-stamp': stamp,
    'restamp-region': region,
    'restamp-customer': customer,
    ...Object.fromEntries(
      pools.map(({ role, nodes, like }, at) => [`${POOL}${at + 1}`, `${role} ${nodes} like ${like}`]),
    ),
  }
}

/** Whose it is; undefined for what Restamp did not make. */
export function keyIn(tags: Tags): string | undefined {
  return tags?.[KEY] || undefined
}

/** What was wanted, read back from tags. Throws where somebody changed them so that it can't be told any more. */
export function newStampIn(tags: Tags): NewStamp {
  const parsed = StampTags.parse(tags ?? {})
  return {
    key: parsed[KEY],
    stamp: parsed['restamp-stamp'],
    region: parsed['restamp-region'],
    customer: parsed['restamp-customer'],
    pools: Object.entries(parsed)
      .filter(([name]) => name.startsWith(POOL))
      .toSorted(([a], [b]) => Number(a.slice(POOL.length)) - Number(b.slice(POOL.length)))
      .map(([, text]) => {
        const [role, nodes, , like] = PoolTag.parse(text).split(' ')
        return { role: PoolRole.parse(role), nodes: Number(nodes), like: StampId.parse(like) }
      }),
  }
}
