import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { Asked, Operation } from '../messages/operation.ts'
import { askedOf, inputOf, TOOLS, type Tool } from './tools.ts'

/** Asks the API; throws an `Error` whose words are for people where it refuses or can't be reached. */
export type AskApi = (operation: Operation, asked: Asked) => Promise<unknown>

const INSTRUCTIONS = `Restamp moves tenants between deployment stamps, in phases, behind people's approvals.
You may read everything, scan, and propose plans; a proposal moves nobody. You can not start a plan, approve, resume, roll back or turn a
switch: tell the person what waits, on which evidence, and give them the exact command that "status" or "waiting" names.
Missing data is never health, and no answer is never yes.`

/** The tools of `TOOLS` as an MCP server. */
export function createMcpServer(ask: AskApi, version: string): McpServer {
  const server = new McpServer({ name: 'restamp', version }, { instructions: INSTRUCTIONS })
  for (const tool of TOOLS) {
    const { name, title, description } = tool
    server.registerTool(
      name,
      { title, description, inputSchema: inputOf(tool), annotations: annotationsOf(tool) },
      (given) => answerOf(ask, tool, given),
    )
  }
  return server
}

function annotationsOf({ title, operation, onlyReads = false }: Tool) {
  const readOnlyHint = onlyReads || operation.method === 'GET'
  return { title, readOnlyHint, destructiveHint: false, idempotentHint: readOnlyHint, openWorldHint: false }
}

async function answerOf(ask: AskApi, tool: Tool, given: Readonly<Record<string, unknown>>) {
  try {
    const answer = await ask(tool.operation, askedOf(tool, given))
    return { content: [{ type: 'text' as const, text: JSON.stringify(answer) }] }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { content: [{ type: 'text' as const, text }], isError: true }
  }
}
