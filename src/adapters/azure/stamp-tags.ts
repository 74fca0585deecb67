import { z } from 'zod'
import { PoolRole } from '../../domain/fleet.ts'
import { CustomerName, RegionName, StampId } from '../../domain/ids.ts'
import type { NewStamp } from '../../ports/provisioning.ts'

const KEY = 'restamp-key'
const POOL = 'restamp-pool-'
const POOL_TAG = /^[A-Za-z0-9-]{1,63} \d+ like [A-Za-z0-9-]{1,63}$/

const StampTags = z
  .object({
    [KEY]: z.string().min(1),
    'restamp-stamp': StampId,
    'restamp-region': RegionName,
    'restamp-customer': CustomerName,
  })
  .catchall(z.string())
  .refine(
    (tags) => Object.entries(tags).every(([name, text]) => !name.startsWith(POOL) || POOL_TAG.test(text)),
    `expected each ${POOL}N as "ROLE NODES like STAMP"`,
  )

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

/** Tags of a stamp that somebody changed, so that what it is can't be told any more. */
export class StampTagsUnread extends Error {
  override readonly name = 'StampTagsUnread'
}

/** What was wanted, read back from tags. Throws `StampTagsUnread`. */
export function newStampIn(tags: Tags): NewStamp {
  const parsed = StampTags.safeParse(tags ?? {})
  if (parsed.success) return wantedBy(parsed.data)
  throw new StampTagsUnread(
    `the group of stamp ${tags?.['restamp-stamp'] ?? 'unknown'}, made under ${keyIn(tags) ?? 'no key'}, has other tags than it was made with: ${z.prettifyError(parsed.error)}; put them back`,
  )
}

function wantedBy(tags: z.infer<typeof StampTags>): NewStamp {
  return {
    key: tags[KEY],
    stamp: tags['restamp-stamp'],
    region: tags['restamp-region'],
    customer: tags['restamp-customer'],
    pools: Object.entries(tags)
      .filter(([name]) => name.startsWith(POOL))
      .toSorted(([a], [b]) => Number(a.slice(POOL.length)) - Number(b.slice(POOL.length)))
      .map(([, text]) => {
        const [role, nodes, , like] = text.split(' ')
        return { role: PoolRole.parse(role), nodes: Number(nodes), like: StampId.parse(like) }
      }),
  }
}
