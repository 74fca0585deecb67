import { Resolver } from 'node:dns/promises'

const TRIES_MAX = 2
const ANSWER_MS_MAX = 2_000
const SERVERS_MAX = 3
/** The zone of a profile is its parent, or not far above it. */
const PARENTS_MAX = 4

/** Whom to ask where a name leads. */
export interface NameServers {
  /** What a name is another name for; empty where the servers answer that it is none. Throws `NamesUnasked`. */
  cname(name: string): Promise<readonly string[]>
}

/** No name server could be asked, so nothing is known. */
export class NamesUnasked extends Error {
  override readonly name = 'NamesUnasked'
}

/** What is asked of DNS; a test has its own. */
export interface DnsAsker {
  nameServers(zone: string): Promise<readonly string[]>
  addresses(host: string): Promise<readonly string[]>
  cname(name: string, server: string): Promise<readonly string[]>
}

/** Asks a name's own servers: what resolvers on the way keep is as old as the TTL. */
export function createAuthoritativeNames(dns: DnsAsker = createNodeDns()): NameServers {
  return {
    async cname(name) {
      const servers = await serversOf(dns, name)
      for (const server of servers) {
        const answer = await settled(dns.cname(name, server))
        if (answer.kind === 'answered') return answer.names
      }
      throw new NamesUnasked(
        `no name server of ${name} could be asked where it leads (${servers.length} tried); let DNS out of the network, or set routing.resolve to off`,
      )
    },
  }
}

async function serversOf(dns: DnsAsker, name: string): Promise<readonly string[]> {
  const labels = name.split('.')
  for (let up = 1; up <= PARENTS_MAX && labels.length - up >= 2; up += 1) {
    const zone = await settled(dns.nameServers(labels.slice(up).join('.')))
    if (zone.kind === 'silent' || zone.names.length === 0) continue
    const hosts = zone.names.slice(0, SERVERS_MAX)
    const found = await Promise.all(hosts.map((host) => settled(dns.addresses(host))))
    return found.flatMap((each) => (each.kind === 'answered' ? each.names.slice(0, 1) : []))
  }
  return []
}

type Answer = { readonly kind: 'answered'; readonly names: readonly string[] } | { readonly kind: 'silent' }

/** That there is no such record is an answer; that nobody answered is none. */
async function settled(asked: Promise<readonly string[]>): Promise<Answer> {
  try {
    return { kind: 'answered', names: await asked }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ENODATA' || code === 'ENOTFOUND' ? { kind: 'answered', names: [] } : { kind: 'silent' }
  }
}

/** Asks over the network: the machine's own resolver who has a zone, then those. `begin` and `port` are for another network. */
export function createNodeDns({
  begin,
  port = 53,
}: {
  readonly begin?: string
  readonly port?: number
} = {}): DnsAsker {
  const resolver = (server?: string) => {
    const made = new Resolver({ timeout: ANSWER_MS_MAX, tries: TRIES_MAX })
    if (server !== undefined) made.setServers([`${server}:${port}`])
    return made
  }
  return {
    nameServers: (zone) => resolver(begin).resolveNs(zone),
    addresses: (host) => resolver(begin).resolve4(host),
    cname: (name, server) => resolver(server).resolveCname(name),
  }
}
